import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { isAppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { checkSuppressions, type CheckDeps } from './check-suppressions.ts';

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
 * left and subscribed again at the vendor. Whoever changed last is compared first: where time ends early, it is those who
 * have been subscribed longest, unchanged, who were not compared. Costs one vendor call per 1,000 subscribers, and at
 * most about one RRU for each of them.
 * @param until when to stop, ms since the epoch; what was not read by then is not waited for
 * @throws AppError `list_not_found`, and what the vendor's silence means when it falls silent in time
 */
export async function findExposed(
  deps: CheckDeps & { clock: Clock },
  platform: EmailPlatform,
  { tenantId, audienceVendorId, until }: { tenantId: string; audienceVendorId: string; until: number },
): Promise<Exposure> {
  let [exposed, total] = [0, 0];
  /** A person may be on two pages. */
  const met = new Set<string>();
  const sum = (complete: boolean): Exposure => ({ exposed, checked: met.size, total: Math.max(total, met.size), complete });
  const isOver = (): boolean => deps.clock.now() >= until;
  try {
    for await (const page of platform.readSubscribers(audienceVendorId, null, 'newest_first')) {
      total += page.total;
      const people = page.people.filter(({ vendorId }) => !met.has(vendorId));
      const emails = people.map(({ email }) => email);
      exposed += (await checkSuppressions(deps, tenantId, emails)).length;
      for (const { vendorId } of people) met.add(vendorId);
      // By the vendor's count: its last page may be an empty one.
      if (page.cursor !== null && isOver()) return sum(met.size >= total);
    }
  } catch (error) {
    // A page that took longer than there was time is no reason to fail.
    if (met.size > 0 && isOver() && isAppError(error, 'vendor_unavailable', 'vendor_rate_limited')) return sum(false);
    throw error;
  }
  return sum(true);
}
