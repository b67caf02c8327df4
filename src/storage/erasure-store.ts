import { hkdfSync } from 'node:crypto';
import * as z from 'zod';
import { erasureSchema, type Erasure, type ErasureStore } from '../core/contact/erasure.ts';
import { keys, prefixes } from './keys.ts';
import { openText, sealText } from './sealed-text.ts';
import { ifVersion } from './condition.ts';
import { type Item, type Table } from './table.ts';

const markSchema = z.object({ addressHash: z.string(), round: z.number(), at: z.string() });
const itemSchema = erasureSchema.extend({ contactIds: z.string() });
const idsSchema = erasureSchema.shape.contactIds;

/**
 * Erasures, and pointers to the open ones. What a platform knows a person by follows from the address alone, so that anybody
 * could guess the address from it: it is sealed under the pepper, for one tenant and person.
 */
export function makeErasureStore(table: Table, pepper: () => Promise<{ pepper: string }>): ErasureStore {
  const keyOf = async ({ tenantId, addressHash }: Pick<Erasure, 'tenantId' | 'addressHash'>): Promise<Buffer> =>
    Buffer.from(hkdfSync('sha256', (await pepper()).pepper, '', `illixis/erasure/v1/${tenantId}/${addressHash}`, 32));
  const fromItem = async (item: Item): Promise<Erasure> => {
    const { contactIds, ...rest } = itemSchema.parse(item);
    const ids: unknown = contactIds === '' ? {} : JSON.parse(openText(await keyOf(rest), contactIds));
    return { ...rest, contactIds: idsSchema.parse(ids) };
  };
  return {
    async get(tenantId, addressHash) {
      const item = await table.get(keys.erasure(tenantId, addressHash));
      return item && fromItem(item);
    },
    async getMany(tenantId, addressHashes) {
      const items = await table.getMany(addressHashes.map((hash) => keys.erasure(tenantId, hash)));
      const found = await Promise.all(items.map(fromItem));
      return new Map(found.map((erasure) => [erasure.addressHash, erasure]));
    },
    async save(erasure) {
      const { tenantId, addressHash, contactIds, version } = erasure;
      const isEmpty = Object.keys(contactIds).length === 0;
      const sealed = isEmpty ? '' : sealText(await keyOf(erasure), JSON.stringify(contactIds));
      return table.put({ ...keys.erasure(tenantId, addressHash), ...erasure, contactIds: sealed }, ifVersion(version - 1));
    },
    async mark(tenantId, open) {
      await table.put(
        { ...keys.openErasure(tenantId, open.addressHash), ...open },
        {
          ConditionExpression: 'attribute_not_exists(PK) OR #round <= :round',
          ExpressionAttributeNames: { '#round': 'round' },
          ExpressionAttributeValues: { ':round': open.round },
        },
      );
    },
    async unmark(tenantId, addressHash, round) {
      await table.delete(keys.openErasure(tenantId, addressHash), {
        ConditionExpression: '#round <= :round',
        ExpressionAttributeNames: { '#round': 'round' },
        ExpressionAttributeValues: { ':round': round },
      });
    },
    async marked(tenantId) {
      return (await table.all(tenantId, prefixes.openErasure)).map((item) => markSchema.parse(item));
    },
  };
}
