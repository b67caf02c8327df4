import { apiKeySchema, type ApiKeyStore } from '../core/tenant/api-key.ts';
import { keys, prefixes } from './keys.ts';
import { IF_NEW, type Table } from './table.ts';

/** The key's own item is found by its hash; a copy under the tenant is for the list. The copy is written first, so that no key exists that nobody can revoke. */
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
    const items = await table.all(tenantId, prefixes.apiKey);
    return items.map((item) => apiKeySchema.parse(item)).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  },
  async revoke(tenantId, keyId) {
    const pointer = await table.get(keys.apiKeyPointer(tenantId, keyId));
    if (!pointer) return false;
    const key = apiKeySchema.parse(pointer);
    await table.delete(keys.apiKey(key.hash));
    await table.delete(keys.apiKeyPointer(tenantId, keyId));
    return true;
  },
  async touch(key, at) {
    await table.update(
      keys.apiKeyPointer(key.tenantId, key.id),
      'SET lastUsedAt = :at',
      { ':at': at },
      {},
      'attribute_exists(PK)',
    );
  },
});
