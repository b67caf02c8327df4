import { ROUTES } from '../../src/contract/routes.ts';
import { SECOND, toIso } from '../../src/core/shared/clock.ts';
import type { Quarantined } from '../../src/core/webhook/quarantine.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { handle, ok } from '../shared/route-handler.ts';

const present = ({ tenantId: _tenant, platform: _platform, digest: _digest, expiresAt, ...shown }: Quarantined) => ({
  ...shown,
  expiresAt: toIso(expiresAt * SECOND),
});

export const listQuarantine = handle(ROUTES.listQuarantine, async ({ params, query, caller }, app: StorageApp) => {
  const { tenantId } = caller;
  const list = `quarantine:${params.platform}`;
  const before = await app.cursors.open(tenantId, list, query.cursor);
  const { items, next } = await app.quarantine.list(tenantId, params.platform, query.limit, before);
  return ok({ items: items.map(present), nextCursor: await app.cursors.sign(tenantId, list, next) });
});
