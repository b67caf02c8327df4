import { ROUTES } from '../../src/contract/routes.ts';
import { usePlatform } from '../../src/core/connection/use-platform.ts';
import { isVerified } from '../../src/core/campaign/preflight.ts';
import { domainOf, resolveSender } from '../../src/core/settings/sender.ts';
import { AppError, isAppError } from '../../src/core/shared/app-error.ts';
import { ERRORS } from '../../src/core/shared/errors.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, ok } from '../shared/route-handler.ts';

export async function readSender(app: VendorApp, tenantId: string) {
  const [tenant, settings] = await Promise.all([app.tenants.get(tenantId), app.settings.get(tenantId)]);
  if (!tenant) throw new AppError('not_found', 'The tenant is not known.');
  const sender = resolveSender(tenant, settings);
  const verified = await askVendor(app, tenantId, sender.email);
  const fix = verified === false ? `${ERRORS.sender_unverified.fix}: ${domainOf(sender.email)} is not verified there.` : null;
  return { ...sender, verified, fix };
}

/** Without a connection, or when the vendor does not answer, nobody can tell. */
async function askVendor(app: VendorApp, tenantId: string, email: string): Promise<boolean | null> {
  const platform = app.platforms[0];
  try {
    return await usePlatform(app, tenantId, platform, 'interactive', async (opened) =>
      isVerified(await opened.readDomains(), email),
    );
  } catch (error) {
    if (isAppError(error)) return null;
    throw error;
  }
}

export const getSender = handle(ROUTES.getSender, async ({ caller }, app: VendorApp) =>
  ok(await readSender(app, caller.tenantId)),
);
