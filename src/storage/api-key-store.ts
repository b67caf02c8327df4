import * as z from 'zod';
import { apiKeySchema, type ApiKeyStore } from '../core/tenant/api-key.ts';
import { keys, prefixes } from './keys.ts';
import { IF_NEW } from './condition.ts';
import { type Table } from './table.ts';

const use = z.object({ hash: z.string(), lastUsedAt: z.string() });

/**
 * The key's own item is found by its hash; a copy under the tenant is for the list. The copy is written first, so that no
 * key exists that nobody can revoke. The last use stands in an item of its own.
 */
export const makeApiKeyStore = (table: Table): ApiKeyStore => ({
  async findByHash(hash) {
    const item = await table.get(keys.apiKey(hash));
    return item && apiKeySchema.parse(item);
  },
  async create(key) {
    await table.put({ ...keys.apiKeyPointer(key.tenantId, key.id), ...key });
    await table.put({ ...keys.apiKey(key.hash), ...key }, IF_NEW);
  },
  async list(tenantId) {
    const found = (await table.all(tenantId, prefixes.apiKey)).map((item) => apiKeySchema.parse(item));
    const uses = (await table.getMany(found.map(({ hash }) => keys.apiKeyUse(hash)))).map((item) => use.parse(item));
    const lastUsed = new Map(uses.map(({ hash, lastUsedAt }) => [hash, lastUsedAt]));
    return found
      .map((key) => ({ ...key, lastUsedAt: lastUsed.get(key.hash) ?? key.lastUsedAt }))
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  },
  async revoke(tenantId, keyId) {
    const pointer = await table.get(keys.apiKeyPointer(tenantId, keyId));
    if (!pointer) return false;
    const key = apiKeySchema.parse(pointer);
    await table.delete(keys.apiKey(key.hash));
    await table.delete(keys.apiKeyUse(key.hash));
    await table.delete(keys.apiKeyPointer(tenantId, keyId));
    return true;
  },
  async touch({ hash }, at) {
    await table.update(
      keys.apiKeyUse(hash),
      'SET lastUsedAt = :at, #hash = :hash',
      { ':at': at, ':hash': hash },
      { '#hash': 'hash' },
    );
  },
});
