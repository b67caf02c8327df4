import * as z from 'zod';
import { AppError } from '../core/shared/app-error.ts';
import { toEpochSeconds } from '../core/shared/clock.ts';
import type { PlatformId } from '../core/shared/platform-id.ts';
import { hookSchema, type Hook, type HookStore } from '../core/webhook/hook.ts';
import { keys, prefixes } from './keys.ts';
import type { Condition } from './condition.ts';
import type { Table } from './table.ts';

const IF_NOT_DISCONNECTED: Condition = {
  ConditionExpression: 'attribute_not_exists(PK) OR #status <> :disconnected',
  ExpressionAttributeNames: { '#status': 'status' },
  ExpressionAttributeValues: { ':disconnected': 'disconnected' },
};
const pointer = z.object({ secretHash: z.string() });

const isReplaced = ({ status, heardUntil }: Hook): boolean => status === 'disconnected' && heardUntil !== null;

/**
 * A hook is found by its secret's hash, with one read; a pointer under the tenant is for the list. The pointer is
 * written first: a crash in between leaves a pointer to nothing, which the list passes over. A replaced hook keeps its
 * pointer as long as it is heard, so that a disconnect finds it.
 */
export const makeHookStore = (table: Table): HookStore => {
  const settlePointer = async (hook: Hook): Promise<void> => {
    const { tenantId, platform, hookId, secretHash, heardUntil } = hook;
    const key = keys.hookPointer(tenantId, platform, hookId);
    if (heardUntil === null) await table.delete(key);
    else await table.put({ ...key, secretHash, expiresAt: toEpochSeconds(Date.parse(heardUntil)) });
  };
  const listAll = async (tenantId: string, platform: PlatformId): Promise<Hook[]> => {
    const pointers = (await table.all(tenantId, prefixes.hook(platform))).map((item) => pointer.parse(item));
    const items = await table.getMany(pointers.map(({ secretHash }) => keys.hook(secretHash)));
    return items.map((item) => hookSchema.parse(item));
  };
  return {
    async findBySecretHash(secretHash) {
      const item = await table.get(keys.hook(secretHash));
      return item && hookSchema.parse(item);
    },
    async put(hook) {
      const { tenantId, platform, hookId, secretHash } = hook;
      const isListed = hook.status !== 'disconnected';
      if (isListed) await table.put({ ...keys.hookPointer(tenantId, platform, hookId), secretHash });
      // TTL takes an absent attribute for "keep".
      const item = { ...keys.hook(secretHash), ...hook, expiresAt: hook.expiresAt ?? undefined };
      // A run that replaces it must not have it heard again once the tenant has disconnected.
      const written = await table.put(item, isListed || isReplaced(hook) ? IF_NOT_DISCONNECTED : undefined);
      const there = written ? item : await table.get(keys.hook(secretHash));
      const stored = there ? hookSchema.parse(there) : { ...hook, status: 'disconnected' as const, heardUntil: null };
      // Last, so that a crash leaves it where a disconnect finds it, to be marked again.
      if (stored.status === 'disconnected') await settlePointer(stored);
      if (!written && isListed) throw new AppError('not_connected', 'The connection was removed meanwhile.');
    },
    async list(tenantId, platform) {
      return (await listAll(tenantId, platform)).filter(({ status }) => status !== 'disconnected');
    },
    listWithReplaced: listAll,
    async remove(hook) {
      await table.delete(keys.hook(hook.secretHash));
      await table.delete(keys.hookPointer(hook.tenantId, hook.platform, hook.hookId));
    },
  };
};
