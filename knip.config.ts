import type { KnipConfig } from 'knip';
import { FUNCTIONS } from './src/contract/manifest.ts';

/**
 * Where the project is entered: what nobody reaches from there is dead. An export that its own file uses is not dead,
 * only wider than it needs to be. What ends in `!` also counts when the tests are left out (`--production`), which finds
 * what only they use.
 */
const config: KnipConfig = {
  entry: [
    ...Object.values(FUNCTIONS).map(({ entry }) => `${entry}!`),
    'bin/app.ts!',
    '{scripts,bench}/*.ts!',
    // Bundled, or started by a path.
    'local/{start,simulator/start,simulator/cli,stack/functions/function-worker}.ts!',
    'local/{page,simulator/page}/page.js!',
    'tests/support/{vendor-hosts.mjs,throwing-function.ts}',
    'tests/deploy/{run-deploy-test,start-deployed-stack,worker-clock,record-release}.ts',
    'tests/mutation/globals.mjs',
    // Run by hand.
    'bench/scale/measure-dispatch.ts!',
    'jest.*.config.mjs',
  ],
  project: ['{src,lambdas,lib,bin,local,scripts,bench}/**/*.{ts,js}!', 'tests/**/*.{ts,mjs}'],
  ignoreExportsUsedInFile: true,
  ignoreDependencies: [
    // Loaded by `createRequire`, as a program would that uses them.
    '@mailchimp/mailchimp_marketing',
    'mailchimp-api-v3',
    'passport',
    'passport-mailchimp',
    // Started by its path.
    '@cyclonedx/cyclonedx-npm',
    // Read as text.
    '@types/mailchimp__mailchimp_marketing',
  ],
  ignoreBinaries: ['java'],
  treatConfigHintsAsErrors: true,
};

export default config;
