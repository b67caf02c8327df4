import base from './jest.config.mjs';

/** The heavier proof: other engines, longer runs, stacks that are killed or live through days. */
export default {
  ...base,
  roots: ['<rootDir>/tests/full'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 600_000,
};
