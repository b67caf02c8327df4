import base from './jest.config.mjs';

/** What judges a mutant: the unit tests alone, in one process, and without the heavy ones that read the whole project. */
export default {
  ...base,
  roots: ['<rootDir>/tests/unit'],
  testMatch: ['<rootDir>/tests/unit/{core,lambdas,storage}/**/*.test.ts'],
  reporters: [],
};
