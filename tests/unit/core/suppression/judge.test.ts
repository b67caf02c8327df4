import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MINUTE, toIso } from '../../../../src/core/shared/clock.ts';
import { judge, mergeFact, type Fact, type NewFact } from '../../../../src/core/suppression/suppression.ts';
import { aFact } from '../../../support/factories.ts';

type Facts = Record<string, Fact>;
const at = (minute: number): string => new Date(Date.UTC(2026, 8, 1, 0, minute)).toISOString();
const mergeAll = (facts: readonly NewFact[]): Facts => facts.reduce<Facts>(mergeFact, {});

/** What a webhook, a sync or a person may say: each kind, of two audiences and two campaigns, at any of thirty minutes. */
const told = fc
  .record({
    kind: fc.constantFrom('unsubscribe', 'bounce', 'complaint', 'manual', 'lift'),
    audienceId: fc.constantFrom('aud_a', 'aud_b'),
    campaignVendorId: fc.constantFrom(null, 'c1'),
    via: fc.constantFrom('webhook' as const, 'sync' as const),
    minute: fc.integer({ min: 0, max: 30 }),
  })
  .map(({ minute, via, ...said }): NewFact => {
    const byHand = said.kind === 'manual' || said.kind === 'lift';
    const place = byHand ? { platform: null, audienceId: null, campaignVendorId: null } : {};
    return aFact({ ...said, ...place, via: byHand ? 'manual' : via, at: at(minute) });
  });
const story = fc.array(told, { maxLength: 12 });
const shuffled = story.chain((facts) =>
  fc.tuple(
    fc.constant(facts),
    fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2, maxLength: facts.length * 2 }),
  ),
);

describe('the verdict over facts', () => {
  it('does not depend on their order or repetition', () => {
    fc.assert(
      fc.property(shuffled, ([facts, again]) => {
        expect(judge(mergeAll(again))).toEqual(judge(mergeAll(facts)));
      }),
      { numRuns: 500 },
    );
  });

  it('never lifts a complaint', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 0, max: 30 }), (facts, minute) => {
        const complaint = aFact({ kind: 'complaint', at: at(minute) });
        expect(judge(mergeAll([...facts, complaint])).reason).toBe('complaint');
      }),
    );
  });

  it('is free only when a lift came after everything that was said', () => {
    fc.assert(
      fc.property(story, (facts) => {
        const said = facts.filter(({ kind }) => kind !== 'lift');
        const lifted = facts.filter(({ kind }) => kind === 'lift').map((lift) => lift.at);
        const latest = lifted.reduce((a, b) => (a > b ? a : b), '');
        const stands = said.some((fact) => fact.kind === 'complaint' || fact.at > latest);
        expect(judge(mergeAll(facts)).reason !== null).toBe(stands);
      }),
      { numRuns: 500 },
    );
  });

  it('names the gravest reason and the earliest time', () => {
    const facts = mergeAll([
      aFact({ kind: 'manual', platform: null, audienceId: null, via: 'manual', at: at(1) }),
      aFact({ kind: 'unsubscribe', at: at(2) }),
      aFact({ kind: 'bounce', at: at(3) }),
    ]);
    expect(judge(facts)).toEqual({ reason: 'bounce', since: at(1) });
    expect(judge(mergeFact(facts, aFact({ kind: 'complaint', at: at(4) })))).toEqual({ reason: 'complaint', since: at(1) });
  });

  it.each([
    ['before', at(9), { reason: 'unsubscribe', since: at(10) }],
    ['at the same moment', at(10), { reason: null, since: null }],
    ['after', at(11), { reason: null, since: null }],
  ])('with a lift %s the unsubscribe', (_when, liftAt, verdict) => {
    const lift = aFact({ kind: 'lift', platform: null, audienceId: null, via: 'manual', at: liftAt });
    expect(judge(mergeAll([aFact({ at: at(10) }), lift]))).toEqual(verdict);
  });

  it('counts from the second unsubscribe when the first was lifted', () => {
    const lift = aFact({ kind: 'lift', platform: null, audienceId: null, via: 'manual', at: at(10) });
    const facts = mergeAll([aFact({ at: at(5) }), lift, aFact({ at: at(15) })]);
    expect(judge(facts)).toEqual({ reason: 'unsubscribe', since: at(15) });
  });
});

describe('a sync', () => {
  it('does not move the time of a person who left, whatever its own later time', () => {
    fc.assert(
      fc.property(told, fc.array(fc.nat({ max: 60 }), { minLength: 1 }), (fact, minutes) => {
        const once = mergeAll([fact]);
        const again = minutes.map((later): NewFact => ({
          ...fact,
          via: 'sync',
          at: toIso(Date.parse(fact.at) + later * MINUTE),
        }));
        expect(judge(again.reduce<Facts>(mergeFact, once))).toEqual(judge(once));
      }),
    );
  });

  it('does not bring back by repetition what a person lifted', () => {
    const lift = aFact({ kind: 'lift', platform: null, audienceId: null, via: 'manual', at: at(10) });
    const sync = aFact({ via: 'sync', at: at(5) });
    expect(judge(mergeAll([sync, lift, sync]))).toEqual({ reason: null, since: null });
  });

  it('brings back somebody whom another audience reports as new', () => {
    const lift = aFact({ kind: 'lift', platform: null, audienceId: null, via: 'manual', at: at(10) });
    const other = aFact({ via: 'sync', audienceId: 'aud_other', at: at(20) });
    expect(judge(mergeAll([aFact({ at: at(5) }), lift, other]))).toEqual({ reason: 'unsubscribe', since: at(20) });
  });

  it('gives way to the time and words of a webhook that tells the same', () => {
    const facts = mergeAll([
      aFact({ via: 'sync', at: at(20), vendorReason: null }),
      aFact({ via: 'webhook', at: at(5), vendorReason: 'manual' }),
    ]);
    expect(Object.values(facts)).toMatchObject([{ via: 'webhook', at: at(5), vendorReason: 'manual' }]);
  });
});
