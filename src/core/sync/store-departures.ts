import pLimit from 'p-limit';
import type { Departure, DepartureKind } from '../email-platform/email-platform.ts';
import { MINUTE, toIso, type Clock } from '../shared/clock.ts';
import { normalizeEmail } from '../shared/email-address.ts';
import type { Log } from '../shared/log.ts';
import { runAll } from '../shared/run-all.ts';
import type { Metrics } from '../shared/metrics.ts';
import { generationOf, orUncounted, tellersOf, TOLD_WITHIN_MS, type UntoldKey, type UntoldStore } from '../suppression/drift.ts';
import { addFacts, type SuppressionDeps } from '../suppression/suppress.ts';
import { factKey, isLifted, mergeFact, type NewFact, type Suppression } from '../suppression/suppression.ts';
import type { PlatformId } from '../shared/platform-id.ts';

export interface StoreDeparturesDeps extends SuppressionDeps {
  metrics: Metrics;
  clock: Clock;
  log: Log;
  untold: UntoldStore;
}

export interface DepartureScope {
  tenantId: string;
  platform: PlatformId;
  audienceId: string;
  /** Since when webhooks should tell of the audience; `null` when nothing is counted against them. */
  hookSince: string | null;
}

/** Writes in flight for one list: enough to keep up with the vendor's pages, few enough for sixteen partitions. */
const WRITES_IN_FLIGHT = 24;
/** What webhooks missed is counted in one partition per audience. */
const COUNTS_IN_FLIGHT = 4;
/** A vendor's clock may be ahead of ours, but nobody leaves in the future. */
const AHEAD_MS = 5 * MINUTE;

/** What one page says of one person, and what was known before. */
interface Person {
  email: string;
  hash: string;
  facts: (NewFact & { kind: DepartureKind })[];
  known: Suppression | undefined;
}
/** A departure that a webhook should have told of first: `new`, or found by a sync that was interrupted. */
interface Silence {
  key: UntoldKey;
  changedAt: string;
  isNew: boolean;
}

/**
 * Stores one page, person by person. Known people cost 1 RRU (of a batch) and no write, unless a sync has not told of them
 * yet or somebody lifted them; others 1 WCU and one of the index.
 * @returns how many of the rows changed anything, and how many departures a webhook missed for good
 */
export async function storeDepartures(
  deps: StoreDeparturesDeps,
  scope: DepartureScope,
  departures: readonly Departure[],
): Promise<{ changed: number; missed: number }> {
  const people = await readPeople(deps, scope, departures);
  const silences = await findSilences(deps, scope, people);
  const count = pLimit(COUNTS_IN_FLIGHT);
  const counted = (work: () => Promise<void>): Promise<void> => count(() => orUncounted(deps, scope.tenantId, work));
  const outcomes = await runAll(people, WRITES_IN_FLIGHT, async (person) => {
    const news = person.facts.filter((fact) => isNews(fact, person.known));
    const silent = silences.get(person) ?? [];
    return storePerson(deps, scope, person, news, silent, counted);
  });
  return {
    changed: outcomes.reduce((sum, { changed }) => sum + changed, 0),
    missed: outcomes.reduce((sum, { missed }) => sum + missed, 0),
  };
}

async function readPeople(
  deps: StoreDeparturesDeps,
  { tenantId, platform, audienceId }: DepartureScope,
  departures: readonly Departure[],
): Promise<Person[]> {
  const now = deps.clock.now();
  const people = new Map<string, Person>();
  for (const { email, kind, campaignVendorId, at, vendorReason } of departures) {
    const hash = await deps.hasher.hash(tenantId, normalizeEmail(email));
    const person = people.get(hash) ?? { email, hash, facts: [], known: undefined };
    person.facts.push({
      kind,
      via: 'sync',
      platform,
      audienceId,
      campaignVendorId,
      at: Date.parse(at) > now + AHEAD_MS ? toIso(now) : at,
      vendorReason,
      actor: null,
    });
    people.set(hash, person);
  }
  const records = await deps.suppressions.getMany(tenantId, [...people.keys()]);
  return [...people.values()].map((person) => ({ ...person, known: records.get(person.hash) }));
}

function isNews(fact: NewFact, known: Suppression | undefined): boolean {
  const before = known?.facts[factKey(fact)];
  if (!known || !before) return true;
  // Told by a webhook alone: that the vendor shows it is a source of its own.
  if (before.syncAt === null) return true;
  // One that moved tells its new addresses as well, which an interruption may have prevented.
  if (known.successors.length > 0) return true;
  return isLifted(known.facts) && JSON.stringify(mergeFact(known.facts, fact)) !== JSON.stringify(known.facts);
}

/** 1 RRU (of a batch) for each departure since there is a webhook that somebody has told of already. */
async function findSilences(
  deps: StoreDeparturesDeps,
  { tenantId, audienceId, hookSince }: DepartureScope,
  people: readonly Person[],
): Promise<Map<Person, Silence[]>> {
  const found = new Map<Person, Silence[]>();
  if (hookSince === null) return found;
  const covered = people.flatMap((person) =>
    person.facts
      .filter(({ at }) => Date.parse(at) > Date.parse(hookSince))
      .map(({ kind, at }) => {
        const facts = person.known?.facts ?? {};
        const key: UntoldKey = { addressHash: person.hash, kind, generation: generationOf(facts, at) };
        const tellers = tellersOf({ facts }, audienceId, key);
        return { person, key, changedAt: at, isKnown: tellers.webhook || tellers.sync };
      }),
  );
  const asked = covered.filter(({ isKnown }) => isKnown).map(({ key }) => key);
  const stored = asked.length > 0 ? await deps.untold.getMany(tenantId, audienceId, asked) : [];
  const isOpen = ({ kind, addressHash, generation }: UntoldKey): boolean =>
    stored.some(
      (row) => row.addressHash === addressHash && row.kind === kind && row.generation === generation && row.healedAt === null,
    );
  for (const { person, key, changedAt, isKnown } of covered)
    if (!isKnown || isOpen(key)) found.set(person, [...(found.get(person) ?? []), { key, changedAt, isNew: !isKnown }]);
  return found;
}

/**
 * The miss is noted before the fact, and taken back after it: whichever of a sync and a late delivery comes last sees the other.
 * @returns how many of the rows changed anything, and how many departures a webhook missed for good: one at the most,
 * whatever kinds it is told by
 */
async function storePerson(
  deps: StoreDeparturesDeps,
  { tenantId, audienceId }: DepartureScope,
  { email, known }: Person,
  news: readonly NewFact[],
  silent: readonly Silence[],
  counted: (work: () => Promise<void>) => Promise<void>,
): Promise<{ changed: number; missed: number }> {
  const now = deps.clock.now();
  for (const { key, changedAt, isNew } of silent)
    if (isNew) await counted(() => deps.untold.add(tenantId, audienceId, { ...key, changedAt, foundAt: toIso(now) }));
  const applied = news.length > 0 ? await addFacts(deps, tenantId, email, news, known) : undefined;
  const stored = applied?.suppression ?? known;
  let missed = 0;
  for (const { key, changedAt } of silent) {
    const isTold = stored !== undefined && tellersOf(stored, audienceId, key).webhook;
    const at = toIso(deps.clock.now());
    await counted(() => deps.untold.note(tenantId, audienceId, key, { healedAt: at, ...(isTold && { toldAt: at }) }));
    if (!isTold && Date.parse(changedAt) <= now - TOLD_WITHIN_MS) missed = 1;
  }
  return { changed: applied?.changed ? news.length : 0, missed };
}
