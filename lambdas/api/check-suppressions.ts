import { ROUTES } from '../../src/contract/routes.ts';
import { checkSuppressions as check } from '../../src/core/suppression/check-suppressions.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const checkSuppressions = handle(ROUTES.checkSuppressions, async ({ body, caller }, app: StorageApp) =>
  ok({ suppressed: await check(app, caller.tenantId, body.emails), checked: body.emails.length }),
);
