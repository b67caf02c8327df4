import { ROUTES } from '../../src/contract/routes.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** What authentication found out anyway: no read of its own. */
export const getCaller = handle(ROUTES.getCaller, ({ caller }, _app: StorageApp) => {
  const { tenantId, actor: id, actorKind: kind, actorName: name, role } = caller;
  return Promise.resolve(ok({ tenantId, kind, id, name, role }));
});
