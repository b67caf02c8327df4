import type * as z from 'zod';
import { ROUTES } from '../../src/contract/routes.ts';
import type { senderSchema } from '../../src/contract/settings.ts';
import { usePlatform } from '../../src/core/connection/use-platform.ts';
import type { VendorDomain } from '../../src/core/email-platform/email-platform.ts';
import { freeMailDomains } from '../../src/core/settings/free-mail.ts';
import { resolveSender } from '../../src/core/settings/sender.ts';
import { assessSender, type Silence } from '../../src/core/settings/sender-standing.ts';
import { AppError, isAppError } from '../../src/core/shared/app-error.ts';
import { toIso } from '../../src/core/shared/clock.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, ok } from '../shared/route-handler.ts';

export type SenderAnswer = z.output<typeof senderSchema>;

/** The effective sender and how it stands at the platform. One vendor call when connected. */
export async function readSender(app: VendorApp, tenantId: string): Promise<SenderAnswer> {
  const [tenant, settings] = await Promise.all([app.tenants.get(tenantId), app.settings.get(tenantId)]);
  if (!tenant) throw new AppError('not_found', 'The tenant is not known.');
  const sender = resolveSender(tenant, settings);
  const [domains, freeMailers] = await Promise.all([askVendor(app, tenantId), freeMailDomains()]);
  const { cause: _cause, ...standing } = assessSender(sender.email, domains, freeMailers);
  return { ...sender, ...standing, checkedAt: standing.reason === null ? toIso(app.clock.now()) : null };
}

/** The domains of the connected account, or why they are not known. */
async function askVendor(app: VendorApp, tenantId: string): Promise<VendorDomain[] | Silence> {
  const platform = app.platforms[0];
  try {
    return await usePlatform(
      app,
      tenantId,
      platform,
      'interactive',
      async (opened) => (await opened.readDomains()) ?? 'no_right',
    );
  } catch (error) {
    if (isAppError(error, 'not_connected')) return 'not_connected';
    if (isAppError(error, 'account_disabled')) return 'account_disabled';
    if (isAppError(error, 'invalid_token')) return 'needs_reconnect';
    if (isAppError(error)) return 'no_answer';
    throw error;
  }
}

export const getSender = handle(ROUTES.getSender, async ({ caller }, app: VendorApp) =>
  ok(await readSender(app, caller.tenantId)),
);
