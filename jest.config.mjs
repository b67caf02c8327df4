/** The suites a newcomer runs; the heavier ones live in tests/full and tests/deploy and have configurations of their own. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testPathIgnorePatterns: ['/node_modules/', '/tests/full/', '/tests/deploy/'],
  extensionsToTreatAsEsm: ['.ts'],
  setupFiles: ['<rootDir>/tests/support/jest-environment.mjs'],
  reporters: ['default', '<rootDir>/tests/support/closing-line.mjs'],
  maxWorkers: 2,
  testTimeout: 60_000,
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
};
