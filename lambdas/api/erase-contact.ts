import { ROUTES } from '../../src/contract/routes.ts';
import { eraseContact as erase } from '../../src/core/contact/erase-contact.ts';
import { erasureFacts } from '../shared/audit-facts.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { presentErasure } from '../shared/present-erasure.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const eraseContact = handle(ROUTES.eraseContact, async ({ params, query, caller, call }, app: VendorApp) => {
  const answer = await erase(app, caller.tenantId, params.email, query.aliases ?? 'leave');
  call.audit.tell({ after: erasureFacts(answer) });
  return ok(presentErasure(answer));
});
