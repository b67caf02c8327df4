import { isAppError } from '../../src/core/shared/app-error.ts';
import { SECOND, toIso } from '../../src/core/shared/clock.ts';
import { checkSuppressions } from '../../src/core/suppression/check-suppressions.ts';
import { eraseByHash } from '../../src/core/suppression/erase-by-hash.ts';
import { explainSuppression } from '../../src/core/suppression/explain-suppression.ts';
import { addFact, liftSuppression, moveAddress } from '../../src/core/suppression/suppress.ts';
import type { NewFact, Suppression, SuppressionStore } from '../../src/core/suppression/suppression.ts';
import { aFact, TENANT } from './factories.ts';
import { seededRandom } from './seeded-random.ts';
import { ruleFor, saidOf, type Told } from './written-rule.ts';

/** What may happen: what is told, or a lift that somebody asks for. */
type Event = Told | { kind: 'lift'; who: number; at: string };

const NOW = Date.UTC(2026, 8, 20);
const day = (offset: number): string => new Date(NOW + offset * 86_400_000).toISOString();
const TWO = [0, 1] as const;

/** Up to six things that happen to two addresses, a little of it dated after now. */
function historyBy(random: () => number): Event[] {
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <T>(...values: readonly [T, ...T[]]): T => values[below(values.length)] ?? values[0];
  const event = (): Event => {
    const [who, at] = [below(2), day(below(22) - 20)];
    const what = random();
    if (what < 0.2) return { kind: 'lift', who, at };
    if (what < 0.32) return { kind: 'moved', from: who, to: 1 - who };
    if (what < 0.37) return { kind: 'erased', who, at };
    if (what < 0.47) {
      const via = pick('manual' as const, 'import' as const);
      const fact: NewFact = aFact({ kind: 'manual', via, platform: null, audienceId: null, actor: 'key_1', at });
      return { kind: 'fact', who, fact };
    }
    const isImport = random() < 0.2;
    const fact = aFact({
      kind: pick('unsubscribe' as const, 'unsubscribe' as const, 'bounce' as const, 'bounce' as const, 'complaint' as const),
      ...(isImport
        ? { via: 'import' as const, platform: null, audienceId: null, actor: 'key_1' }
        : { via: pick('webhook' as const, 'sync' as const), audienceId: pick('aud_1', 'aud_2') }),
      campaignVendorId: isImport ? null : pick(null, null, 'c1', 'c2'),
      at,
    });
    return { kind: 'fact', who, fact };
  };
  return Array.from({ length: below(7) }, event);
}

/** Records that are never changed in place need no copies, and no time passes: a hundred thousand histories are quick. */
function quickStore(): SuppressionStore {
  const records = new Map<string, Suppression>();
  const found = (hashes: readonly string[]): Suppression[] => hashes.flatMap((hash) => records.get(hash) ?? []);
  return {
    get: (_, hash) => Promise.resolve(records.get(hash)),
    getMany: (_, hashes) => Promise.resolve(new Map(found(hashes).map((record) => [record.addressHash, record]))),
    reasonsOf: (_, hashes) =>
      Promise.resolve(
        new Map(found(hashes).flatMap(({ addressHash, reason }) => (reason ? [[addressHash, reason] as const] : []))),
      ),
    save(record) {
      if ((records.get(record.addressHash)?.version ?? 0) !== record.version - 1) return Promise.resolve(false);
      records.set(record.addressHash, record);
      return Promise.resolve(true);
    },
    list: () => Promise.resolve({ items: [], next: null }),
  };
}

const open = () => ({ suppressions: quickStore(), hasher: { hash: (_: string, email: string) => Promise.resolve(email) } });
type Deps = ReturnType<typeof open>;

/** When a lift takes effect: after everything that was told so far. `null` where nothing can be lifted. */
function liftOf(who: number, at: string, events: readonly Told[]): string | null {
  const { reason } = ruleFor(who, events);
  const said = saidOf(who, events);
  if (reason === null || reason === 'complaint' || said.some(({ kind }) => kind === 'erasure')) return null;
  // Vendors tell whole seconds: the one in which it is asked for is not over.
  const secondBefore = toIso(Math.floor(Date.parse(at) / SECOND) * SECOND - 1);
  return said.reduce((latest, fact) => (fact.at > latest ? fact.at : latest), secondBefore);
}

const aLift = (who: number, at: string): Told => ({
  kind: 'fact',
  who,
  fact: aFact({ kind: 'lift', via: 'manual', platform: null, audienceId: null, actor: 'key_1', vendorReason: 'asked', at }),
});

/** Lets one thing happen by the writer that is there for it. @returns what was told by it, as the written rule sees it */
async function happen(deps: Deps, emailOf: (who: number) => string, event: Event, before: readonly Told[]): Promise<Told[]> {
  switch (event.kind) {
    case 'fact':
      await addFact(deps, TENANT, emailOf(event.who), event.fact);
      return [event];
    case 'moved':
      await moveAddress(deps, TENANT, emailOf(event.from), emailOf(event.to));
      return [event];
    case 'erased':
      await eraseByHash(deps, TENANT, emailOf(event.who), event.at);
      return [event];
    case 'lift': {
      const effect = liftOf(event.who, event.at, before);
      const lift = { at: event.at, actor: 'key_1', reason: 'asked' };
      const isLifted = await liftSuppression(deps, TENANT, emailOf(event.who), lift).then(
        () => true,
        (error: unknown) => {
          if (isAppError(error, 'not_found', 'erasure_stays', 'complaint_stays')) return false;
          throw error;
        },
      );
      if (isLifted !== (effect !== null)) throw new Error(`A lift that the rule ${isLifted ? 'refuses' : 'allows'}.`);
      return effect === null ? [] : [aLift(event.who, effect)];
    }
  }
}

export interface Comparison {
  /** The first history of an address for which rule, gate and explanation differ. */
  wrong: unknown;
  /** How many addresses were suppressed, free, liftable, and suppressed for good. */
  counts: { suppressed: number; free: number; liftable: number; final: number };
}

/** Plays histories of two addresses each, and holds the gate and the explanation against the written rule. */
export async function compareHistories(runs: number, seed: number): Promise<Comparison> {
  const random = seededRandom(seed);
  const counts = { suppressed: 0, free: 0, liftable: 0, final: 0 };
  const AT_ONCE = 2_000;
  for (let start = 0; start < runs; start += AT_ONCE) {
    const deps = open();
    const played: { email: string; who: number; events: Told[] }[] = [];
    for (let index = start; index < Math.min(start + AT_ONCE, runs); index++) {
      const emailOf = (who: number): string => `p${index}-${who}@x.test`;
      const events: Told[] = [];
      for (const event of historyBy(random)) events.push(...(await happen(deps, emailOf, event, events)));
      played.push(...TWO.map((who) => ({ email: emailOf(who), who, events })));
    }
    const refused = await checkSuppressions(
      deps,
      TENANT,
      played.map(({ email }) => email),
    );
    const gate = new Map(refused.map(({ email, reason }) => [email, reason]));
    for (const { email, who, events } of played) {
      const record = await deps.suppressions.get(TENANT, email);
      const [found, decision, rule] = [explainSuppression(record), gate.get(email) ?? null, ruleFor(who, events)];
      const counting = found.events.filter((event) => event.counts);
      const effect = liftOf(who, day(0), events);
      const isFreed = effect !== null && ruleFor(who, [...events, aLift(who, effect)]).reason === null;
      const isRight =
        decision === rule.reason &&
        found.reason === rule.reason &&
        found.since === rule.since &&
        found.suppressed === (rule.reason !== null) &&
        // What counts is what suppresses, and nothing else.
        counting.length > 0 === found.suppressed &&
        (decision === null || counting.some(({ kind }) => kind === decision || (decision === 'manual' && kind === 'erasure'))) &&
        (found.since === null || counting.some(({ at, againAt }) => at === found.since || againAt === found.since)) &&
        found.events.every(({ what, why }) => what !== '' && why !== '') &&
        found.events.length === Object.keys(record?.facts ?? {}).length &&
        (found.carried !== null) === events.some((one) => one.kind === 'moved' && one.to === who) &&
        // A lift now frees the address exactly where it is said to.
        found.lift.possible === isFreed;
      if (!isRight) return { wrong: { email, events, record, found, decision, rule, isFreed }, counts };
      counts[found.suppressed ? 'suppressed' : 'free']++;
      if (found.suppressed) counts[found.lift.possible ? 'liftable' : 'final']++;
    }
  }
  return { wrong: null, counts };
}
