import { ROUTES } from '../../src/contract/routes.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { pageOfAll } from '../shared/page-of-all.ts';
import { presentApiKey } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const listApiKeys = handle(ROUTES.listApiKeys, async ({ query, caller }, app: StorageApp) =>
  ok(await pageOfAll(app.cursors, caller.tenantId, 'api-keys', await app.apiKeys.list(caller.tenantId), presentApiKey, query)),
);
