import { ROUTES } from '../../src/contract/routes.ts';
import { changedFacts } from '../../src/core/audit/audit-entry.ts';
import { normalizeEmail } from '../../src/core/shared/email-address.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { settingsFacts } from '../shared/audit-facts.ts';
import { presentSettings } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';
import { readSender, type SenderAnswer } from './get-sender.ts';

/** Changes the fields given. An unverified sender is stored with a warning: only the send refuses it. */
export const putSettings = handle(ROUTES.putSettings, async ({ body, caller, call }, app: VendorApp) => {
  const before = await app.settings.get(caller.tenantId);
  const pick = <T>(given: T | undefined, kept: T): T => (given === undefined ? kept : given);
  const settings = {
    senderEmail: pick(body.senderEmail && normalizeEmail(body.senderEmail), before.senderEmail),
    senderName: pick(body.senderName, before.senderName),
    defaultPlatform: pick(body.defaultPlatform, before.defaultPlatform),
    timezone: pick(body.timezone, before.timezone),
    undoWindowSeconds: pick(body.undoWindowSeconds, before.undoWindowSeconds),
    version: before.version,
  };
  await app.settings.put(caller.tenantId, settings);
  call.audit.tell(changedFacts(settingsFacts(before), settingsFacts(settings)));
  const sender = body.senderEmail ? await readSender(app, caller.tenantId) : undefined;
  return ok(presentSettings(settings, sender ? warningsOf(sender) : []));
});

function warningsOf({ verified, freeMail, fix }: SenderAnswer): { code: string; message: string }[] {
  if (verified === false) return [{ code: 'sender_unverified', message: fix ?? '' }];
  return freeMail ? [{ code: 'sender_free_mail', message: fix ?? '' }] : [];
}
