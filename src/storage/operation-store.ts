import { operationSchema, type OperationStore } from '../core/campaign/operation.ts';
import { DAY, toEpochSeconds, type Clock } from '../core/shared/clock.ts';
import { keys, prefixes } from './keys.ts';
import type { Table } from './table.ts';

/** How long the ledger is kept; the campaign itself keeps what became of it. */
const KEPT_MS = 90 * DAY;
const MOST_SHOWN = 100;

/** The ledger of operations: one item each, about 1 KB. A copy that knows less never replaces one that knows more. */
export const makeOperationStore = (table: Table, clock: Clock): OperationStore => ({
  async put(tenantId, campaignId, operation) {
    const expiresAt = toEpochSeconds(Date.parse(operation.startedAt) + KEPT_MS);
    await table.put(
      { ...keys.operation(tenantId, campaignId, operation.id), ...operation, expiresAt },
      {
        ConditionExpression: 'attribute_not_exists(PK) OR revision <= :revision',
        ExpressionAttributeValues: { ':revision': operation.revision },
      },
    );
  },
  async list(tenantId, campaignId) {
    const page = await table.page(tenantId, prefixes.operation(campaignId), { limit: MOST_SHOWN, newestFirst: true });
    const kept = page.items.map((item) => operationSchema.parse(item));
    // The table deletes late.
    return kept.filter(({ startedAt }) => Date.parse(startedAt) + KEPT_MS > clock.now());
  },
});
