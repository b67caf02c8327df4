import { auditEntrySchema, type AuditStore } from '../core/audit/audit-entry.ts';
import { AppError } from '../core/shared/app-error.ts';
import { idsBetween } from '../core/shared/ids.ts';
import { keys } from './keys.ts';
import { IF_NEW } from './condition.ts';
import { type Table } from './table.ts';

/** Nothing here overwrites or deletes: entries are put under a free key and closed while they are open. */
export const makeAuditStore = (table: Table): AuditStore => ({
  async write(entry) {
    const key = keys.auditEntry(entry.tenantId, entry.id);
    if (await table.put({ ...key, ...entry }, IF_NEW)) return;
    // A put whose answer was lost is repeated by the SDK and meets itself.
    const held = auditEntrySchema.safeParse(await table.get(key));
    if (held.data?.requestId !== entry.requestId)
      throw new AppError('service_unavailable', 'The audit trail could not be written.', { retryAfterSeconds: 1 });
  },
  async close(tenantId, id, { outcome, error, target, before, after }) {
    const closed = await table.update(
      keys.auditEntry(tenantId, id),
      'SET #outcome = :outcome, #error = :error, #target = :target, #before = :before, #after = :after',
      { ':outcome': outcome, ':error': error, ':target': target, ':before': before, ':after': after, ':started': 'started' },
      { '#outcome': 'outcome', '#error': 'error', '#target': 'target', '#before': 'before', '#after': 'after' },
      '#outcome = :started',
    );
    return closed !== undefined;
  },
  async list(tenantId, { sinceMs, untilMs }, limit, before) {
    const { first, last } = idsBetween('auditEntry', sinceMs, untilMs);
    const from = keys.auditEntry(tenantId, first);
    const to = keys.auditEntry(tenantId, last);
    const { items, lastKey } = await table.query({
      KeyConditionExpression: 'PK = :pk AND SK BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':pk': from.PK, ':from': from.SK, ':to': to.SK },
      ScanIndexForward: false,
      Limit: limit,
      ConsistentRead: true,
      ...(before && { ExclusiveStartKey: keys.auditEntry(tenantId, before) }),
    });
    const next: unknown = lastKey?.['SK'];
    return { items: items.map((item) => auditEntrySchema.parse(item)), next: typeof next === 'string' ? next : null };
  },
});
