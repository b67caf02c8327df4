import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { isAppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { checkSuppressions, type SuppressionDeps } from './suppress.ts';

export interface Exposure {
  /** Suppressed people who are subscribed all the same, among those that were checked. */
  exposed: number;
  checked: number;
  /** Subscribers, as the vendor counts them. */
  total: number;
  /** Whether all were checked. */
  complete: boolean;
}

/**
 * How many people of an audience would be mailed although they must not be: those who were suppressed by hand, or who
 * complained and subscribed again at the vendor. Costs one vendor call and ten BatchGets (up to 500 RCU) per 1,000 subscribers.
 * @param until when to stop, ms since the epoch; what was not read by then is not waited for
 * @throws AppError `list_not_found`, and what the vendor's silence means when it falls silent in time
 */
export async function findExposed(
  deps: SuppressionDeps & { clock: Clock },
  platform: EmailPlatform,
  { tenantId, audienceVendorId, until }: { tenantId: string; audienceVendorId: string; until: number },
): Promise<Exposure> {
  let [exposed, checked, total] = [0, 0, 0];
  const sum = (complete: boolean): Exposure => ({ exposed, checked, total: Math.max(total, checked), complete });
  const isOver = (): boolean => deps.clock.now() >= until;
  try {
    for await (const page of platform.readSubscribers(audienceVendorId, null)) {
      total += page.total;
      exposed += (await checkSuppressions(deps, tenantId, page.emails)).length;
      checked += page.emails.length;
      if (isOver() && checked < total) return sum(false);
    }
  } catch (error) {
    // A page that took longer than there was time is no reason to fail.
    if (checked > 0 && isOver() && isAppError(error, 'vendor_unavailable', 'vendor_rate_limited')) return sum(false);
    throw error;
  }
  return sum(true);
}
