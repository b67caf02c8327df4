import base from './jest.config.mjs';

/** The end-to-end suites, one after the other, against the stack that `npm run test:deploy` has deployed. */
export default {
  ...base,
  roots: ['<rootDir>/tests/e2e', '<rootDir>/tests/deploy'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  testTimeout: 120_000,
};
