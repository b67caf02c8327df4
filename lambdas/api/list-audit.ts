import { ROUTES } from '../../src/contract/routes.ts';
import { readTrail, type AuditFilter } from '../../src/core/audit/read-trail.ts';
import { normalizeEmail } from '../../src/core/shared/email-address.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentAuditEntry } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** A filtered page may be short; `nextCursor` tells whether there is more. A cursor goes on with the filters it began with. */
export const listAudit = handle(ROUTES.listAudit, async ({ query, caller }, app: StorageApp) => {
  const { tenantId } = caller;
  const { limit, cursor, action, actor, outcome, email, since, until } = query;
  const filter: AuditFilter = {
    sinceMs: since === undefined ? null : Date.parse(since),
    untilMs: until === undefined ? null : Date.parse(until),
    action: action ?? null,
    actorId: actor ?? null,
    outcome: outcome ?? null,
    targetId: email === undefined ? null : await app.hasher.hash(tenantId, normalizeEmail(email)),
  };
  const list = `audit:${JSON.stringify(filter)}`;
  const { items, next } = await readTrail(app, tenantId, filter, limit, await app.cursors.open(tenantId, list, cursor));
  return ok({ items: items.map(presentAuditEntry), nextCursor: await app.cursors.sign(tenantId, list, next) });
});
