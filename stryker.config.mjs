import { readFileSync } from 'node:fs';

const modules = JSON.parse(readFileSync('mutation-modules.json', 'utf8'));
const name = process.env.MUTATION_MODULE;
if (!(name in modules)) throw new Error(`MUTATION_MODULE is one of ${Object.keys(modules).join(', ')}.`);

/** Breaks the code of one module in many small ways, and counts how often its unit tests notice. */
export default {
  mutate: modules[name].mutate,
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
  jest: { configFile: 'jest.mutation.config.mjs', enableFindRelatedTests: false },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // A process of jest keeps every module it ever loaded.
  maxTestRunnerReuse: 40,
  timeoutMS: 10_000,
  reporters: ['clear-text', 'progress-append-only', 'json', 'html'],
  clearTextReporter: { allowColor: false, logTests: false },
  jsonReporter: { fileName: `reports/mutation/${name}.json` },
  htmlReporter: { fileName: `reports/mutation/${name}.html` },
  thresholds: { high: 95, low: 85, break: 85 },
  // Unchanged code under unchanged tests is not judged again.
  incremental: true,
  incrementalFile: `reports/mutation/${name}.incremental.json`,
  allowConsoleColors: false,
};
