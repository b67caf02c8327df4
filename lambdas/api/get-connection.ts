import { ROUTES } from '../../src/contract/routes.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentConnection } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';
import type { PlatformId } from '../../src/core/shared/platform-id.ts';

export async function readConnection(
  app: Pick<StorageApp, 'connections' | 'audiences' | 'hooks'>,
  tenantId: string,
  platform: PlatformId,
) {
  const [connection, audiences, hooks] = await Promise.all([
    app.connections.get(tenantId, platform),
    app.audiences.list(tenantId, platform),
    app.hooks.list(tenantId, platform),
  ]);
  return presentConnection(platform, connection, audiences, hooks);
}

export const getConnection = handle(ROUTES.getConnection, async ({ params, caller }, app: StorageApp) =>
  ok(await readConnection(app, caller.tenantId, params.platform)),
);
