import { ROUTES } from '../../src/contract/routes.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentSettings } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const getSettings = handle(ROUTES.getSettings, async ({ caller }, app: StorageApp) =>
  ok(presentSettings(await app.settings.get(caller.tenantId), [])),
);
