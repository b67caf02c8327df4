import base from './jest.config.mjs';

/** What judges a mutant: the unit tests alone. Stryker chooses those that reach it. */
export default {
  ...base,
  roots: ['<rootDir>/tests/unit'],
  testMatch: ['<rootDir>/tests/unit/{contract,core,lambdas,providers,storage}/**/*.test.ts'],
  reporters: [],
};
