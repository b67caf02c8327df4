import { normalizeEmail } from '../shared/email-address.ts';
import type { AddressHasher, Reason, SuppressionStore } from './suppression.ts';

/** Answers for many addresses at once, by whichever way of reading costs less. */
export interface ReasonReader {
  /**
   * Consistent, never partial. Those that are not suppressed are left out.
   * @throws AppError `service_unavailable` when anything stays unread
   */
  reasonsOf(tenantId: string, addressHashes: readonly string[]): Promise<Map<string, Reason>>;
}

export interface CheckDeps {
  /** A store that knows no cheaper way is read record by record. */
  suppressions: Pick<SuppressionStore, 'getMany'> & Partial<ReasonReader>;
  hasher: AddressHasher;
}

async function reasonsOf({ suppressions }: CheckDeps, tenantId: string, hashes: readonly string[]): Promise<Map<string, Reason>> {
  if (suppressions.reasonsOf) return suppressions.reasonsOf(tenantId, hashes);
  const found = await suppressions.getMany(tenantId, hashes);
  return new Map([...found].flatMap(([hash, { reason }]) => (reason ? [[hash, reason] as const] : [])));
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
  const found = await reasonsOf(deps, tenantId, [...new Set(hashes)]);
  return emails.flatMap((email, index) => {
    const reason = found.get(hashes[index] ?? '');
    return reason ? [{ email, reason }] : [];
  });
}
