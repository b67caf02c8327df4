import { normalizeEmail } from '../shared/email-address.ts';
import type { AddressHasher, Reason } from './suppression.ts';

/** Answers for many addresses at once, by whichever way of reading costs less. */
export interface ReasonReader {
  /**
   * Consistent, never partial. Those that are not suppressed are left out.
   * @throws AppError `service_unavailable` when anything stays unread
   */
  reasonsOf(tenantId: string, addressHashes: readonly string[]): Promise<Map<string, Reason>>;
}

export interface CheckDeps {
  suppressions: ReasonReader;
  hasher: AddressHasher;
}

/**
 * The gate in front of every mailing: which of these addresses must not be mailed. Fails closed, by throwing. A
 * suppression that was acknowledged before is seen. Costs at most 1 RRU per distinct address, far less where the tenant
 * has few suppressions (`makeReasonReader`).
 * @returns the suppressed ones as they were given, in the order given, as often as given
 */
export async function checkSuppressions(
  deps: CheckDeps,
  tenantId: string,
  emails: readonly string[],
): Promise<{ email: string; reason: Reason }[]> {
  const hashes = await Promise.all(emails.map((email) => deps.hasher.hash(tenantId, normalizeEmail(email))));
  const found = await deps.suppressions.reasonsOf(tenantId, [...new Set(hashes)]);
  return emails.flatMap((email, index) => {
    const reason = found.get(hashes[index] ?? '');
    return reason ? [{ email, reason }] : [];
  });
}
