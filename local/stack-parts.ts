import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildFunctions } from '../scripts/build-functions.ts';
import { FUNCTIONS } from '../src/contract/manifest.ts';
import { ROUTES } from '../src/contract/routes.ts';
import { start as startSimulator } from './simulator/start.ts';
import type { StackParts } from './stack/stack-options.ts';

const HERE = dirname(fileURLToPath(import.meta.url));

/** What every local stack is made of. */
export const STACK_PARTS: StackParts = {
  functions: FUNCTIONS,
  routes: Object.values(ROUTES),
  buildFunctions: (options) => buildFunctions({ ...options, maps: 'whole' }),
  createTenant: async (endpoints, input) => {
    // Loaded only for the first start: the SDK it brings along takes longer than everything else here.
    const { createTenant } = await import('../scripts/tenants.ts');
    return createTenant(endpoints, input);
  },
  startSimulator: ({ autoApprove, ...options }) => startSimulator({ ...options, ...(autoApprove ? { autoApprove } : {}) }),
  simulatorClient: { clientId: 'local-app', clientSecret: 'local-app-secret' },
  pageFolder: join(HERE, 'page'),
};
