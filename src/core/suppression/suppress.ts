import { AppError } from '../shared/app-error.ts';
import { normalizeEmail } from '../shared/email-address.ts';
import {
  judge,
  mergeFact,
  type AddressHasher,
  type Fact,
  type NewFact,
  type Suppression,
  type SuppressionStore,
} from './suppression.ts';

export interface SuppressionDeps {
  suppressions: SuppressionStore;
  hasher: AddressHasher;
}

export interface Applied {
  suppression: Suppression;
  /** Whether anything new was learned; a repetition costs no write. */
  changed: boolean;
}

const TRIES = 5;

const emptyRecord = (tenantId: string, addressHash: string, email: string | null): Suppression => ({
  tenantId,
  addressHash,
  email,
  facts: {},
  movedTo: null,
  reason: null,
  since: null,
  version: 0,
});

/**
 * Read, merge, write over the version read: 2 reads and 1 write when something changed, 1 read when not.
 * @throws AppError `service_unavailable` after five lost races, so that a webhook is delivered again
 */
async function update(
  { suppressions }: Pick<SuppressionDeps, 'suppressions'>,
  tenantId: string,
  addressHash: string,
  change: (current: Suppression) => Suppression,
  email: string | null,
  mustExist = false,
): Promise<Applied> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const current = (await suppressions.get(tenantId, addressHash)) ?? emptyRecord(tenantId, addressHash, email);
    const merged = withAddress(change(current), email);
    const next = { ...merged, ...judge(merged.facts) };
    const isKept = current.version > 0 || !mustExist;
    if (isKept && JSON.stringify(next) === JSON.stringify(current)) return { suppression: current, changed: false };
    if (await suppressions.save({ ...next, version: current.version + 1 })) {
      return { suppression: { ...next, version: current.version + 1 }, changed: true };
    }
  }
  throw new AppError('service_unavailable', 'Too many writers met on one suppression.', { retryAfterSeconds: 1 });
}

/** Adds one fact about an address, and about the address it moved to. Safe to repeat in any order. */
export async function addFact(deps: SuppressionDeps, tenantId: string, email: string, fact: NewFact): Promise<Applied> {
  const normalized = normalizeEmail(email);
  const addressHash = await deps.hasher.hash(tenantId, normalized);
  const applied = await update(
    deps,
    tenantId,
    addressHash,
    (current) => ({ ...current, facts: mergeFact(current.facts, fact) }),
    normalized,
  );
  if (fact.kind !== 'lift') await passOn(deps, tenantId, applied.suppression, [fact]);
  return applied;
}

/** Tells facts about an address to the address it moved to, and to the one that moved to, to the end. */
async function passOn(
  deps: SuppressionDeps,
  tenantId: string,
  from: Suppression,
  facts: readonly (NewFact | Fact)[],
): Promise<void> {
  const visited = new Set([from.addressHash]);
  for (let next = from.movedTo; next !== null && !visited.has(next);) {
    visited.add(next);
    const { suppression } = await update(deps, tenantId, next, (current) => withFacts(current, facts), null);
    next = suppression.movedTo;
  }
}

const isErased = ({ facts }: Suppression): boolean => Object.values(facts).some(({ kind }) => kind === 'erasure');

/** A record made under its hash alone learns its address when somebody names it; an erased one never does. */
const withAddress = (record: Suppression, email: string | null): Suppression =>
  isErased(record) ? { ...record, email: null } : { ...record, email: record.email ?? email };

const withFacts = (current: Suppression, facts: readonly (NewFact | Fact)[]): Suppression => ({
  ...current,
  facts: facts.reduce((merged, fact) => mergeFact(merged, fact), current.facts),
});

/**
 * An address changed: what is known of the old one applies to the new one as well, now and later. The old one stays
 * suppressed. The alias is written first, so that a fact that arrives meanwhile finds its way too; the new record always,
 * because later facts know only its hash and the list needs the address.
 */
export async function moveAddress(deps: SuppressionDeps, tenantId: string, from: string, to: string): Promise<void> {
  const [oldEmail, newEmail] = [normalizeEmail(from), normalizeEmail(to)];
  const [oldHash, newHash] = [await deps.hasher.hash(tenantId, oldEmail), await deps.hasher.hash(tenantId, newEmail)];
  if (oldHash === newHash) return;
  const { suppression: old } = await update(deps, tenantId, oldHash, (current) => ({ ...current, movedTo: newHash }), oldEmail);
  // An erasure concerns the old address alone; that the person left concerns the new one too.
  const carried = Object.values(old.facts)
    .filter((fact) => fact.kind !== 'lift')
    .map((fact): Fact => (fact.kind === 'erasure' ? { ...fact, kind: 'manual' } : fact));
  const { suppression: moved } = await update(deps, tenantId, newHash, (current) => withFacts(current, carried), newEmail, true);
  await passOn(deps, tenantId, moved, carried);
}

export async function findSuppression(deps: SuppressionDeps, tenantId: string, email: string): Promise<Suppression | undefined> {
  const found = await deps.suppressions.get(tenantId, await deps.hasher.hash(tenantId, normalizeEmail(email)));
  return found?.reason ? found : undefined;
}

/** Lifts what was said so far. A complaint stays. @throws AppError `not_found`, `complaint_stays` */
export async function liftSuppression(
  deps: SuppressionDeps,
  tenantId: string,
  email: string,
  lift: { at: string; actor: string; reason: string },
): Promise<void> {
  const current = await findSuppression(deps, tenantId, email);
  if (!current) throw new AppError('not_found', 'The address is not suppressed.');
  if (isErased(current)) {
    throw new AppError('erasure_stays', 'An erased person stays suppressed.');
  }
  if (current.reason === 'complaint') throw new AppError('complaint_stays', 'A complaint is never lifted.');
  await addFact(deps, tenantId, email, {
    kind: 'lift',
    via: 'manual',
    platform: null,
    audienceId: null,
    campaignVendorId: null,
    at: lift.at,
    vendorReason: lift.reason,
    actor: lift.actor,
  });
}

/** What a person wrote; the vendor's own reasons are words of a short list. */
const withoutFreeText = (facts: Suppression['facts']): Suppression['facts'] =>
  Object.fromEntries(
    Object.entries(facts).map(([key, fact]) => [key, fact.via === 'manual' ? { ...fact, vendorReason: null } : fact]),
  );

/** Forgets the address but keeps its keyed hash suppressed, so that the person is never mailed again. */
export async function eraseAddress(deps: SuppressionDeps, tenantId: string, email: string, at: string): Promise<void> {
  const addressHash = await deps.hasher.hash(tenantId, normalizeEmail(email));
  const erasure: NewFact = {
    kind: 'erasure',
    via: 'manual',
    platform: null,
    audienceId: null,
    campaignVendorId: null,
    at,
    vendorReason: null,
    actor: null,
  };
  const erase = (current: Suppression): Suppression => ({
    ...current,
    email: null,
    // Free text may name the person too.
    facts: withoutFreeText(mergeFact(current.facts, erasure)),
  });
  await update(deps, tenantId, addressHash, erase, null);
}
