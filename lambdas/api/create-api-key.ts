import { ROUTES } from '../../src/contract/routes.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import { toIso } from '../../src/core/shared/clock.ts';
import { newId, sha256 } from '../../src/core/shared/ids.ts';
import { newApiKey, outranks } from '../../src/core/tenant/api-key.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { apiKeyFacts } from '../shared/audit-facts.ts';
import { presentApiKey } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** Nobody makes a key that may do more than their own. */
export const createApiKey = handle(ROUTES.createApiKey, async ({ body, caller, call }, app: VendorApp) => {
  if (outranks(body.role, caller.role))
    throw new AppError('forbidden', `The role ${caller.role} cannot make a key with the role ${body.role}.`);
  const apiKey = newApiKey(app.stage);
  const now = app.clock.now();
  const key = {
    ...body,
    id: newId('key', now),
    tenantId: caller.tenantId,
    hash: sha256(apiKey),
    createdAt: toIso(now),
    lastUsedAt: null,
  };
  // Before the write, which may fail half-way: then the trail names the key to look for.
  call.audit.tell({ target: { type: 'api_key', id: key.id } });
  await app.apiKeys.create(key);
  call.audit.tell({ after: apiKeyFacts(key) });
  return ok({ ...presentApiKey(key), apiKey }, 201);
});
