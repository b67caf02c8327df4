import { toEpochSeconds } from '../core/shared/clock.ts';
import { REMEMBERED_MS, untoldSchema, type UntoldStore } from '../core/suppression/drift.ts';
import { keys } from './keys.ts';
import { IF_NEW, type Item, type Table } from './table.ts';

/** One partition per tenant and audience, which only grows by what webhooks did not tell; forgotten after 90 days. */
export const makeUntoldStore = (table: Table): UntoldStore => ({
  async add(tenantId, audienceId, found) {
    const expiresAt = toEpochSeconds(Date.parse(found.changedAt) + REMEMBERED_MS);
    await table.put({ ...keys.untold(tenantId, audienceId, found.addressHash), ...found, expiresAt }, IF_NEW);
  },
  async note(tenantId, audienceId, addressHash, times) {
    const changes = Object.entries(times);
    await table.update(
      keys.untold(tenantId, audienceId, addressHash),
      // The first time stands: a repetition says nothing new.
      `SET ${changes.map(([name]) => `${name} = if_not_exists(${name}, :${name})`).join(', ')}`,
      Object.fromEntries(changes.map(([name, time]) => [`:${name}`, time])),
      {},
      'attribute_exists(PK)',
    );
  },
  async getMany(tenantId, audienceId, hashes) {
    const items = await table.getMany(hashes.map((hash) => keys.untold(tenantId, audienceId, hash)));
    return new Map(items.map(toUntold).map((found) => [found.addressHash, found]));
  },
  async *each(tenantId, audienceId) {
    const { PK } = keys.untold(tenantId, audienceId, '');
    let start: Item | undefined;
    do {
      const { items, lastKey } = await table.query({
        KeyConditionExpression: 'PK = :pk',
        ExpressionAttributeValues: { ':pk': PK },
        ...(start && { ExclusiveStartKey: start }),
      });
      for (const item of items) yield toUntold(item);
      start = lastKey;
    } while (start);
  },
});

const toUntold = (item: Item) => untoldSchema.parse(item);
