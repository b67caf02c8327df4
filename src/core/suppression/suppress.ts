import { AppError } from '../shared/app-error.ts';
import { normalizeEmail } from '../shared/email-address.ts';
import type { Log } from '../shared/log.ts';
import type { Metrics } from '../shared/metrics.ts';
import { LINKS_AT_MOST } from './find-aliases.ts';
import {
  factKey,
  judge,
  liftTimeOf,
  mergeFact,
  type AddressHasher,
  type Fact,
  type NewFact,
  type Suppression,
  type SuppressionStore,
} from './suppression.ts';
import { isErased, withoutPerson } from './without-person.ts';

export interface SuppressionDeps {
  suppressions: SuppressionStore;
  hasher: AddressHasher;
}
/** With a log, to say that not everybody was told, and with metrics to count what is new. */
type TellDeps = SuppressionDeps & { log?: Pick<Log, 'warn'>; metrics?: Metrics };

export interface Applied {
  suppression: Suppression;
  /** Whether anything new was learned; a repetition costs no write. */
  changed: boolean;
  /** Whether nobody had said it before; a repetition at another time is none. */
  isFirst: boolean;
  /** This record, and those of the addresses that it moved to. */
  touched: Suppression[];
}

const TRIES = 5;

const emptyRecord = (tenantId: string, addressHash: string, email: string | null): Suppression => ({
  tenantId,
  addressHash,
  email,
  facts: {},
  successors: [],
  predecessors: [],
  reason: null,
  since: null,
  version: 0,
});

/**
 * Read, merge, write over the version read: 1 RRU, and 1 WCU (+1 of the index) when something changed.
 * @param known what was read of it just now; a lost race reads again
 * @throws AppError `service_unavailable` after five lost races, so that a webhook is delivered again
 */
export async function update(
  { suppressions }: Pick<SuppressionDeps, 'suppressions'>,
  tenantId: string,
  addressHash: string,
  change: (current: Suppression) => Suppression,
  email: string | null,
  known?: Suppression,
): Promise<Pick<Applied, 'suppression' | 'changed'>> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const read = attempt === 0 && known ? known : await suppressions.get(tenantId, addressHash);
    const current = read ?? emptyRecord(tenantId, addressHash, email);
    const merged = withAddress(change(current), email);
    const next = { ...merged, ...judge(merged.facts) };
    if (JSON.stringify(next) === JSON.stringify(current)) return { suppression: current, changed: false };
    if (await suppressions.save({ ...next, version: current.version + 1 })) {
      return { suppression: { ...next, version: current.version + 1 }, changed: true };
    }
  }
  throw new AppError('service_unavailable', 'Too many writers met on one suppression.', { retryAfterSeconds: 1 });
}

/** Adds one fact about an address, and about the addresses it moved to. Safe to repeat in any order. */
export const addFact = (deps: TellDeps, tenantId: string, email: string, fact: NewFact): Promise<Applied> =>
  addFacts(deps, tenantId, email, [fact]);

/**
 * The same for several facts about one address, in one write.
 * @param known the record as it was read just now, to save the first read
 */
export async function addFacts(
  deps: TellDeps,
  tenantId: string,
  email: string,
  facts: readonly NewFact[],
  known?: Suppression,
): Promise<Applied> {
  const normalized = normalizeEmail(email);
  const addressHash = await deps.hasher.hash(tenantId, normalized);
  let isFirst = false;
  const applied = await update(
    deps,
    tenantId,
    addressHash,
    (current) => {
      isFirst = facts.some((fact) => !(factKey(fact) in current.facts));
      return withFacts(current, facts);
    },
    normalized,
    known,
  );
  if (applied.changed) for (const { via } of facts) deps.metrics?.add('SuppressionFacts', { source: via });
  const { suppression } = applied;
  const carried = facts.filter(({ kind }) => kind !== 'lift');
  const moved = carried.length > 0 ? await passOn(deps, tenantId, suppression, carried) : [];
  return { ...applied, isFirst, touched: [suppression, ...moved] };
}

/**
 * Tells facts about an address to those it moved to, and to those that these moved to; to the first 50, because an address that
 * many shared must not hold up whoever tells of it.
 */
async function passOn(
  deps: TellDeps,
  tenantId: string,
  from: Suppression,
  facts: readonly (NewFact | Fact)[],
): Promise<Suppression[]> {
  const visited = new Set([from.addressHash]);
  const told: Suppression[] = [];
  const queue = [...from.successors];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (visited.has(next)) continue;
    if (told.length >= LINKS_AT_MOST) {
      deps.log?.warn('suppression.links_cut_off', { tenantId, addressHash: from.addressHash });
      break;
    }
    visited.add(next);
    const { suppression } = await update(deps, tenantId, next, (current) => withFacts(current, facts), null);
    told.push(suppression);
    queue.push(...suppression.successors);
  }
  return told;
}

/** A record made under its hash alone learns its address when somebody names it; an erased one never learns who it was. */
const withAddress = (record: Suppression, email: string | null): Suppression =>
  isErased(record) ? withoutPerson(record) : { ...record, email: record.email ?? email };

/** Sorted, so that the order in which they became known leaves no trace. */
const withLink = (record: Suppression, kind: 'successors' | 'predecessors', hash: string): Suppression =>
  record[kind].includes(hash) ? record : { ...record, [kind]: [...record[kind], hash].sort() };

const withFacts = (current: Suppression, facts: readonly (NewFact | Fact)[]): Suppression => ({
  ...current,
  facts: facts.reduce((merged, fact) => mergeFact(merged, fact), current.facts),
});

/**
 * An address changed: what is known of the old one applies to the new one as well, now and later. The old one stays
 * suppressed. The alias is written first, so that a fact that arrives meanwhile finds its way too; the new record always,
 * because later facts know only its hash and the list needs the address.
 * @returns the records that were told
 */
export async function moveAddress(deps: TellDeps, tenantId: string, from: string, to: string): Promise<Suppression[]> {
  const [oldEmail, newEmail] = [normalizeEmail(from), normalizeEmail(to)];
  const [oldHash, newHash] = [await deps.hasher.hash(tenantId, oldEmail), await deps.hasher.hash(tenantId, newEmail)];
  if (oldHash === newHash) return [];
  const { suppression: old } = await update(
    deps,
    tenantId,
    oldHash,
    (current) => withLink(current, 'successors', newHash),
    oldEmail,
  );
  // An erasure concerns the old address alone; that the person left concerns the new one too.
  const carried = Object.values(old.facts)
    .filter((fact) => fact.kind !== 'lift')
    .map((fact): Fact => (fact.kind === 'erasure' ? { ...fact, kind: 'manual' } : fact));
  const { suppression: moved } = await update(
    deps,
    tenantId,
    newHash,
    (current) => withLink(withFacts(current, carried), 'predecessors', oldHash),
    newEmail,
  );
  return [moved, ...(await passOn(deps, tenantId, moved, carried))];
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
    at: liftTimeOf(current.facts, lift.at),
    vendorReason: lift.reason,
    actor: lift.actor,
  });
}
