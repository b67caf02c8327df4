import { ROUTES } from '../../src/contract/routes.ts';
import { invalidInput } from '../../src/core/shared/app-error.ts';
import { toIso } from '../../src/core/shared/clock.ts';
import { findSuppression, liftSuppression as lift } from '../../src/core/suppression/suppress.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { suppressionFacts } from '../shared/audit-facts.ts';
import { handle, noContent } from '../shared/route-handler.ts';

export const liftSuppression = handle(ROUTES.liftSuppression, async ({ params, query, body, caller, call }, app: VendorApp) => {
  // Some clients cannot send a body with DELETE: the query will do.
  const reason = body?.reason ?? query.reason;
  if (!reason) throw invalidInput('reason', 'must be given, in the body or the query');
  call.audit.tell({ before: suppressionFacts(await findSuppression(app, caller.tenantId, params.email)) });
  await lift(app, caller.tenantId, params.email, { at: toIso(app.clock.now()), actor: caller.actor, reason });
  call.audit.tell({ after: suppressionFacts(undefined) });
  return noContent;
});
