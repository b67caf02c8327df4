import { usePlatform, type UsePlatformDeps } from '../connection/use-platform.ts';
import type { VendorCampaign } from '../email-platform/email-platform.ts';
import { isAppError, type AppError } from '../shared/app-error.ts';
import type { Campaign } from './campaign.ts';

/** A dead connection is a refusal that no look at the vendor can say more about. */
export const isDead = (error: AppError): boolean =>
  isAppError(error, 'invalid_token', 'account_disabled', 'not_connected', 'other_account');

/**
 * What a look at the vendor's campaign shows. `gone`: the vendor has none; `silent`: nobody answered; `away`: no account
 * is connected; `elsewhere`: it is another one, whose 404 says nothing.
 */
export type Look =
  | { kind: 'seen'; vendor: VendorCampaign }
  | { kind: 'gone' }
  | { kind: 'elsewhere' }
  | { kind: 'silent'; error: AppError }
  | { kind: 'away'; error: AppError };

/** Reads the campaign at the vendor: one call. Never changes anything there. */
export async function lookAtVendor(deps: UsePlatformDeps, campaign: Campaign): Promise<Look> {
  const { vendorId, accountId, tenantId, platform } = campaign;
  if (vendorId === null) return { kind: 'gone' };
  try {
    return await usePlatform(deps, tenantId, platform, 'interactive', async (opened, connection): Promise<Look> => {
      if (connection.accountId !== accountId) return { kind: 'elsewhere' };
      const vendor = await opened.readCampaign(vendorId);
      return vendor ? { kind: 'seen', vendor } : { kind: 'gone' };
    });
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { kind: isDead(error) ? 'away' : 'silent', error };
  }
}
