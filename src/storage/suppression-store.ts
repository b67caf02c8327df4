import { platformsOf } from '../core/suppression/list-suppressions.ts';
import { suppressionSchema, type SuppressionStore } from '../core/suppression/suppression.ts';
import { gsi2, keys } from './keys.ts';
import { makeReasonReader } from './reason-reader.ts';
import { makeSuppressionPages } from './suppression-pages.ts';
import { ifVersion } from './condition.ts';
import { type Table } from './table.ts';

export const makeSuppressionStore = (table: Table): SuppressionStore => ({
  ...makeReasonReader(table),
  ...makeSuppressionPages(table),
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
      { ...keys.suppression(tenantId, addressHash), ...suppression, platforms: platformsOf(suppression), ...index },
      ifVersion(suppression.version - 1),
    );
  },
});
