import { normalizeEmail } from '../shared/email-address.ts';
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

const saidHere = (kind: 'erasure' | 'manual', at: string): NewFact => ({
  kind,
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
      return withoutPerson({ ...current, facts: mergeFact(current.facts, saidHere('erasure', at)) });
    },
    null,
  );
  return { addressHash, address: typeof found?.email === 'string', texts: found ? countFreeTexts(found) : 0 };
}

/** The same, for a caller who knows the address. */
export async function eraseAddress(deps: SuppressionDeps, tenantId: string, email: string, at: string): Promise<Forgotten> {
  return eraseByHash(deps, tenantId, await deps.hasher.hash(tenantId, normalizeEmail(email)), at);
}

/** Suppresses an address whose erasure has begun. It stays known until the vendor was asked for it. 1 read, 1 write at most. */
export async function suppressByHash(deps: SuppressionDeps, tenantId: string, addressHash: string, at: string): Promise<void> {
  await updateSuppression(
    deps,
    tenantId,
    addressHash,
    (current) => (current.reason === null ? { ...current, facts: mergeFact(current.facts, saidHere('manual', at)) } : current),
    null,
  );
}

/**
 * The records of the other addresses of a person: those it moved to, those it moved from, and theirs, to the end. One
 * BatchGet for each step of the chain. An address whose record was never written is not among them.
 */
export async function findAliases(
  { suppressions }: Pick<SuppressionDeps, 'suppressions'>,
  tenantId: string,
  addressHash: string,
): Promise<Suppression[]> {
  const known = new Map<string, Suppression>();
  const asked = new Set<string>();
  for (let next = [addressHash]; next.length > 0;) {
    for (const hash of next) asked.add(hash);
    const found = await suppressions.getMany(tenantId, next);
    for (const [hash, record] of found) known.set(hash, record);
    next = [...new Set([...found.values()].flatMap(linksOf))].filter((hash) => !asked.has(hash));
  }
  known.delete(addressHash);
  return [...known.values()];
}

const linksOf = ({ successors, predecessors }: Suppression): string[] => [...successors, ...predecessors];

/**
 * Erases a whole chain here, asking no vendor: for a table that was restored to a time before an erasure, which the
 * vendor had carried out already. Safe to repeat. 1 read and 1 write for each address.
 */
export async function eraseChainHere(
  deps: Pick<SuppressionDeps, 'suppressions'>,
  tenantId: string,
  addressHash: string,
  at: string,
): Promise<Forgotten[]> {
  const others = await findAliases(deps, tenantId, addressHash);
  const forgotten: Forgotten[] = [];
  for (const hash of [addressHash, ...others.map((other) => other.addressHash)])
    forgotten.push(await eraseByHash(deps, tenantId, hash, at));
  return forgotten;
}
