import type { NewFact, Reason } from '../../src/core/suppression/suppression.ts';

/** What happened to a few people, each of whom is a number. */
export type Told =
  | { kind: 'fact'; who: number; fact: NewFact }
  | { kind: 'moved'; from: number; to: number }
  | { kind: 'erased'; who: number; at: string };

/** Whose addresses these became, directly or by way of others. */
function reachedFrom(start: readonly number[], events: readonly Told[]): ReadonlySet<number> {
  const reached = new Set(start);
  for (let size = -1; size < reached.size;) {
    size = reached.size;
    for (const one of events) if (one.kind === 'moved' && reached.has(one.from)) reached.add(one.to);
  }
  return reached;
}

const byHand = (kind: 'manual' | 'erasure', at: string): NewFact => ({
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
 * Everything that was said of a person's address: of itself, and all but lifts of those that moved to it, before or after.
 * An erasure concerns one address; an address it moves to afterwards takes along that it must not be mailed.
 */
export function saidOf(person: number, events: readonly Told[]): NewFact[] {
  return events.flatMap((one, index) => {
    if (one.kind === 'moved') return [];
    if (one.kind === 'fact') {
      const isCarried = one.fact.kind !== 'lift' && reachedFrom([one.who], events).has(person);
      return one.who === person || isCarried ? [one.fact] : [];
    }
    // Erased once, erased for ever: the second time nothing is left to erase.
    const isFirst = !events.slice(0, index).some((other) => other.kind === 'erased' && other.who === one.who);
    if (!isFirst) return [];
    const later = events
      .slice(index)
      .flatMap((other) => (other.kind === 'moved' && other.from === one.who && other.to !== one.who ? [other.to] : []));
    const isCarried = reachedFrom(later, events).has(person);
    return [...(one.who === person ? [byHand('erasure', one.at)] : []), ...(isCarried ? [byHand('manual', one.at)] : [])];
  });
}

/** The written rule, over everything that was ever said, in no order but that of erasures: docs/suppression.md. */
export function ruleFor(person: number, events: readonly Told[]): { reason: Reason | null; since: string | null } {
  const said = saidOf(person, events);
  const lifted =
    said
      .filter(({ kind }) => kind === 'lift')
      .map((fact) => fact.at)
      .sort()
      .at(-1) ?? '';
  const standing = new Map<string, { first: string; last: string; kind: NewFact['kind'] }>();
  for (const fact of said.filter(({ kind }) => kind !== 'lift')) {
    const key = [fact.platform, fact.audienceId, fact.kind, fact.campaignVendorId].join();
    const known = standing.get(key) ?? { first: fact.at, last: fact.at, kind: fact.kind };
    standing.set(key, {
      ...known,
      first: fact.at < known.first ? fact.at : known.first,
      last: fact.at > known.last ? fact.at : known.last,
    });
  }
  const counting = [...standing.values()].flatMap(({ first, last, kind }) => {
    const shown = kind === 'erasure' ? 'manual' : kind;
    if (kind === 'complaint' || kind === 'erasure' || first > lifted) return [{ kind: shown, since: first }];
    return last > lifted ? [{ kind: shown, since: last }] : [];
  });
  const graver: readonly Reason[] = ['complaint', 'bounce', 'unsubscribe', 'manual'];
  return {
    reason: graver.find((reason) => counting.some(({ kind }) => kind === reason)) ?? null,
    since: counting.map(({ since }) => since).sort()[0] ?? null,
  };
}
