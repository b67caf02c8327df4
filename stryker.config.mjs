/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['lambdas/shared/assert-allowed.ts','lambdas/shared/authenticate.ts','lambdas/shared/verify-person.ts','lambdas/shared/issuer-keys.ts','src/core/tenant/api-key.ts'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
  jest: { configFile: 'jest.mutation.config.mjs' },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  reporters: ['clear-text', 'json', 'html'],
  jsonReporter: { fileName: 'reports/mutation/auth.json' },
  htmlReporter: { fileName: 'reports/mutation/auth.html' },
  tempDirName: '.stryker-tmp',
  checkers: [],
};
