import { normalizeEmail } from '../shared/email-address.ts';
import { activeFacts, type AddressHasher, type Reason, type Suppression, type SuppressionStore } from './suppression.ts';

/** What narrows the list; `null` does not. */
export interface SuppressionFilter {
  reason: Reason | null;
  /** A platform that told something that counts. */
  platform: string | null;
  /** Since when somebody is suppressed: ISO 8601 in UTC with milliseconds, both ends included. */
  since: string | null;
  until: string | null;
}

export const NO_FILTER: SuppressionFilter = { reason: null, platform: null, since: null, until: null };

export interface SuppressionPage {
  items: Suppression[];
  /** The position behind which the next page begins; `null` on the last. */
  next: string | null;
}

export interface SuppressionPages {
  /**
   * Active ones, newest first. A page may be short, or empty, and still have a next one.
   * @param before the position behind which the page begins
   */
  list(tenantId: string, limit: number, before: string | null, filter?: SuppressionFilter): Promise<SuppressionPage>;
}

/** The platforms that told what counts of an address, sorted; none for what people said here. */
export const platformsOf = ({ facts }: Pick<Suppression, 'facts'>): string[] =>
  [...new Set(activeFacts(facts).flatMap(({ fact }) => fact.platform ?? []))].sort();

/** Whether a record belongs into a list: only a suppressed one does. */
export function fitsFilter(record: Suppression, { reason, platform, since, until }: SuppressionFilter): boolean {
  if (record.reason === null || record.since === null) return false;
  return (
    (reason === null || record.reason === reason) &&
    (platform === null || platformsOf(record).includes(platform)) &&
    (since === null || record.since >= since) &&
    (until === null || record.since <= until)
  );
}

/** The list of one exact address, whatever its spelling: one item or none. 1 RRU. */
export async function searchSuppression(
  deps: { suppressions: Pick<SuppressionStore, 'get'>; hasher: AddressHasher },
  tenantId: string,
  email: string,
  filter: SuppressionFilter,
): Promise<SuppressionPage> {
  const found = await deps.suppressions.get(tenantId, await deps.hasher.hash(tenantId, normalizeEmail(email)));
  return { items: found && fitsFilter(found, filter) ? [found] : [], next: null };
}
