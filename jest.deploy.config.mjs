import base from './jest.config.mjs';

/** The end-to-end suites, one after the other, against the stack that `npm run test:deploy` has deployed. */
export default {
  ...base,
  roots: ['<rootDir>/tests/e2e', '<rootDir>/tests/deploy'],
  // It takes the pepper away from a stack of its own; here `tests/deploy/doctor.test.ts` looks at the deployment itself.
  testPathIgnorePatterns: ['/node_modules/', '/tests/e2e/doctor\\.test'],
  maxWorkers: 1,
  testTimeout: 120_000,
};
