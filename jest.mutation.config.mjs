import { readFileSync } from 'node:fs';
import base from './jest.config.mjs';

const { tests, without = [] } = JSON.parse(readFileSync('mutation-modules.json', 'utf8'))[process.env.MUTATION_MODULE];

/** What judges the mutants of a module: its own unit tests, and nothing else. */
export default {
  ...base,
  // Where Stryker finds which of them reach a file.
  roots: ['<rootDir>/src', '<rootDir>/lambdas', '<rootDir>/tests'],
  testMatch: tests.map((path) => `<rootDir>/${path}`),
  testPathIgnorePatterns: ['/node_modules/', ...without],
  setupFiles: [...base.setupFiles, '<rootDir>/tests/support/hurried-properties.mjs'],
  reporters: [],
};
