import { toEpochSeconds } from '../core/shared/clock.ts';
import { REMEMBERED_MS, untoldSchema, type Untold, type UntoldStore } from '../core/suppression/drift.ts';
import { keys } from './keys.ts';
import { IF_NEW } from './condition.ts';
import { type Item, type Table } from './table.ts';

/** One partition per tenant and audience, which only grows by what webhooks did not tell; forgotten after 35 days. */
export const makeUntoldStore = (table: Table): UntoldStore => ({
  async add(tenantId, audienceId, found) {
    const expiresAt = toEpochSeconds(Date.parse(found.changedAt) + REMEMBERED_MS);
    await table.put({ ...keys.untold(tenantId, audienceId, found), ...found, expiresAt }, IF_NEW);
  },
  async note(tenantId, audienceId, key, times) {
    const changes = Object.entries(times);
    await table.update(
      keys.untold(tenantId, audienceId, key),
      `SET ${changes.map(([name]) => `${name} = if_not_exists(${name}, :${name})`).join(', ')}`,
      Object.fromEntries(changes.map(([name, time]) => [`:${name}`, time])),
      {},
      'attribute_exists(PK)',
    );
  },
  async getMany(tenantId, audienceId, wanted) {
    return (await table.getMany(wanted.map((key) => keys.untold(tenantId, audienceId, key)))).map(toUntold);
  },
  async ofPerson(tenantId, audienceId, addressHash) {
    const { PK } = keys.untoldOf(tenantId, audienceId);
    const { items } = await table.query({
      KeyConditionExpression: 'PK = :pk AND begins_with(SK, :hash)',
      ExpressionAttributeValues: { ':pk': PK, ':hash': `${addressHash}#` },
      ConsistentRead: true,
    });
    return items.map(toUntold);
  },
  async *each(tenantId, audienceId) {
    const { PK } = keys.untoldOf(tenantId, audienceId);
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

const toUntold = (item: Item): Untold => untoldSchema.parse(item);
