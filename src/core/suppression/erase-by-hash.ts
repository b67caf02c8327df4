import { mergeFact, type NewFact, type Suppression } from './suppression.ts';
import { update as updateSuppression, type SuppressionDeps } from './suppress.ts';
import { countFreeTexts, isErased, withoutPerson } from './without-person.ts';

/** What one record lost. */
export interface Forgotten {
  addressHash: string;
  /** Whether the record held the address. */
  address: boolean;
  /** Free texts that were removed. */
  texts: number;
}

const erasureAt = (at: string): NewFact => ({
  kind: 'erasure',
  via: 'manual',
  platform: null,
  audienceId: null,
  campaignVendorId: null,
  at,
  vendorReason: null,
  actor: null,
});

/**
 * Forgets the address and every free text of one record but keeps its keyed hash suppressed, so that the person is never
 * mailed again. Nothing that is told later brings them back. Safe to repeat: 1 read, and 1 write the first time.
 * @throws AppError `service_unavailable` after five lost races
 */
export async function eraseByHash(
  deps: Pick<SuppressionDeps, 'suppressions'>,
  tenantId: string,
  addressHash: string,
  at: string,
): Promise<Forgotten> {
  let found: Suppression | undefined;
  await updateSuppression(
    deps,
    tenantId,
    addressHash,
    (current) => {
      found = current;
      if (isErased(current)) return withoutPerson(current);
      return withoutPerson({ ...current, facts: mergeFact(current.facts, erasureAt(at)) });
    },
    null,
  );
  return { addressHash, address: typeof found?.email === 'string', texts: found ? countFreeTexts(found) : 0 };
}
