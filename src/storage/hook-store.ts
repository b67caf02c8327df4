import * as z from 'zod';
import { AppError } from '../core/shared/app-error.ts';
import { toEpochSeconds } from '../core/shared/clock.ts';
import { hookSchema, type HookStore } from '../core/webhook/hook.ts';
import { keys, prefixes } from './keys.ts';
import type { Condition } from './condition.ts';
import type { Table } from './table.ts';

const IF_NOT_DISCONNECTED: Condition = {
  ConditionExpression: 'attribute_not_exists(PK) OR #status <> :disconnected',
  ExpressionAttributeNames: { '#status': 'status' },
  ExpressionAttributeValues: { ':disconnected': 'disconnected' },
};
const pointer = z.object({ secretHash: z.string() });

/**
 * A hook is found by its secret's hash, with one read; a pointer under the tenant is for the list. The pointer is
 * written first: a crash in between leaves a pointer to nothing, which the list passes over.
 */
export const makeHookStore = (table: Table): HookStore => ({
  async findBySecretHash(secretHash) {
    const item = await table.get(keys.hook(secretHash));
    return item && hookSchema.parse(item);
  },
  async put(hook) {
    const { tenantId, platform, hookId, secretHash } = hook;
    const isInUse = hook.status !== 'disconnected';
    // One that was replaced stays in reach as long as it is heard, so that a disconnect can end that as well.
    const isListed = isInUse || hook.heardUntil !== null;
    const expiresAt = hook.heardUntil === null ? undefined : toEpochSeconds(Date.parse(hook.heardUntil));
    if (isListed) await table.put({ ...keys.hookPointer(tenantId, platform, hookId), secretHash, expiresAt });
    // TTL takes an absent attribute for "keep".
    const item = { ...keys.hook(secretHash), ...hook, expiresAt: hook.expiresAt ?? undefined };
    const written = await table.put(item, isInUse ? IF_NOT_DISCONNECTED : undefined);
    // Last, so that a crash leaves it in the list, to be marked again.
    if (!isListed || !written) await table.delete(keys.hookPointer(tenantId, platform, hookId));
    if (!written) throw new AppError('not_connected', 'The connection was removed meanwhile.');
  },
  async list(tenantId, platform) {
    return (await this.listReplacedToo(tenantId, platform)).filter(({ status }) => status !== 'disconnected');
  },
  async listReplacedToo(tenantId, platform) {
    const pointers = (await table.all(tenantId, prefixes.hook(platform))).map((item) => pointer.parse(item));
    const items = await table.getMany(pointers.map(({ secretHash }) => keys.hook(secretHash)));
    return items.map((item) => hookSchema.parse(item));
  },
  async remove(hook) {
    await table.delete(keys.hook(hook.secretHash));
    await table.delete(keys.hookPointer(hook.tenantId, hook.platform, hook.hookId));
  },
});
