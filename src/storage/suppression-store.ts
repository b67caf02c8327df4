import { suppressionSchema, type Suppression, type SuppressionStore } from '../core/suppression/suppression.ts';
import type { ReasonReader } from '../core/suppression/check-suppressions.ts';
import { makeReasonReader } from './reason-reader.ts';
import { gsi2, keys, SHARDS } from './keys.ts';
import { ifVersion, type Table } from './table.ts';

export const makeSuppressionStore = (table: Table): SuppressionStore & ReasonReader => ({
  ...makeReasonReader(table),
  async get(tenantId, addressHash) {
    const item = await table.get(keys.suppression(tenantId, addressHash));
    return item && suppressionSchema.parse(item);
  },
  async getMany(tenantId, addressHashes) {
    const items = await table.getMany(addressHashes.map((hash) => keys.suppression(tenantId, hash)));
    return new Map(items.map((item) => suppressionSchema.parse(item)).map((found) => [found.addressHash, found]));
  },
  async save(suppression) {
    const { tenantId, addressHash, since } = suppression;
    // Lifted ones leave the index, and with it the list.
    const index = since === null ? {} : gsi2.keys(tenantId, addressHash, since);
    return table.put(
      { ...keys.suppression(tenantId, addressHash), ...suppression, ...index },
      ifVersion(suppression.version - 1),
    );
  },
  // 16 queries of one page each, merged: the position of the last one shown is the next page's beginning in all of them.
  async list(tenantId, limit, before) {
    const pages = await Promise.all(
      SHARDS.map((shard) =>
        table.query({
          IndexName: gsi2.name,
          KeyConditionExpression: before ? 'GSI2PK = :pk AND GSI2SK < :before' : 'GSI2PK = :pk',
          ExpressionAttributeValues: { ':pk': gsi2.pk(tenantId, shard), ...(before && { ':before': before }) },
          ScanIndexForward: false,
          Limit: limit,
        }),
      ),
    );
    const position = (item: Record<string, unknown>): string => String(item['GSI2SK']);
    const merged = pages.flatMap(({ items }) => items).sort((a, b) => (position(a) < position(b) ? 1 : -1));
    const shown = merged.slice(0, limit);
    const hasMore = merged.length > limit || pages.some(({ lastKey }) => lastKey !== undefined);
    const last = shown.at(-1);
    const items: Suppression[] = shown.map((item) => suppressionSchema.parse(item));
    return { items, next: hasMore && last ? position(last) : null };
  },
});
