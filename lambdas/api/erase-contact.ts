import { ROUTES } from '../../src/contract/routes.ts';
import { eraseContact as erase } from '../../src/core/contact/erase-contact.ts';
import { erasureFacts } from '../shared/audit-facts.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { presentErasure } from '../shared/present-contact.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const eraseContact = handle(ROUTES.eraseContact, async ({ params, caller, call }, app: VendorApp) => {
  const erasure = await erase(app, caller.tenantId, params.email);
  call.audit.tell({ after: erasureFacts(erasure) });
  return ok(presentErasure(erasure));
});
