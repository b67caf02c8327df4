import { ROUTES } from '../../src/contract/routes.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { handle, ok } from '../shared/route-handler.ts';
import { readConnection } from './get-connection.ts';

export const listConnections = handle(ROUTES.listConnections, async ({ caller }, app: StorageApp) =>
  ok({ items: await Promise.all(app.platforms.map((platform) => readConnection(app, caller.tenantId, platform))) }),
);
