import type { StorageApp } from './compose-storage.ts';

/** The names of a tenant's audiences by id, those of vanished ones included. 1 RRU per 4 KB. */
export async function audienceNames(app: StorageApp, tenantId: string): Promise<Map<string, string>> {
  const audiences = await Promise.all(app.platforms.map((platform) => app.audiences.list(tenantId, platform)));
  return new Map(audiences.flat().map(({ id, name }) => [id, name]));
}
