import { ROUTES } from '../../src/contract/routes.ts';
import { sendTest } from '../../src/core/campaign/edit-draft.ts';
import { emailSchema } from '../../src/core/shared/email-address.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import { checkSuppressions } from '../../src/core/suppression/check-suppressions.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, noContent } from '../shared/route-handler.ts';

export const testCampaign = handle(ROUTES.testCampaign, async ({ params, body, caller, call }, app: VendorApp) => {
  const errors = body.emails.flatMap((email, index) =>
    emailSchema.safeParse(email).success ? [] : [{ field: `emails.${index}`, message: 'must be an e-mail address' }],
  );
  if (errors.length > 0) throw new AppError('invalid_input', 'Some addresses are not e-mail addresses.', { errors });
  const suppressed = new Set((await checkSuppressions(app, caller.tenantId, body.emails)).map(({ email }) => email));
  const refused = body.emails.flatMap((email, index) =>
    suppressed.has(email) ? [{ field: `emails.${index}`, message: 'is suppressed' }] : [],
  );
  if (refused.length > 0) throw new AppError('recipient_suppressed', 'Some addresses must not be mailed.', { errors: refused });
  await sendTest(app, caller.tenantId, params.id, body.emails);
  call.audit.tell({ after: { recipients: body.emails.length } });
  return noContent;
});
