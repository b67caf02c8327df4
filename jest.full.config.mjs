import base from './jest.config.mjs';

/** The heavier proof: other engines, longer runs. */
export default {
  ...base,
  roots: ['<rootDir>/tests/full'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 600_000,
  maxWorkers: 1,
};
