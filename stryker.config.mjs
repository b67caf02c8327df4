import { readFileSync } from 'node:fs';

const modules = JSON.parse(readFileSync('tests/mutation/modules.json', 'utf8'));
/** One of the modules; all of them in one go when none is named. */
const name = process.env.MUTATION_MODULE ?? 'all';
const chosen = name === 'all' ? Object.values(modules) : [modules[name]];
const [mutate, tests, without] = ['mutate', 'tests', 'without'].map((key) => chosen.flatMap((one) => one[key] ?? []));

// Where the tests find what stands in for Jest.
process.env.TSX_TSCONFIG_PATH = 'tests/mutation/tsconfig.json';
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** Breaks the code of one module in many small ways, and counts how often its own unit tests notice. */
export default {
  mutate,
  testRunner: 'mocha',
  testRunnerNodeArgs: ['--import', 'tsx', '--no-warnings'],
  mochaOptions: { spec: tests, ignore: without },
  coverageAnalysis: 'perTest',
  concurrency: 1,
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
