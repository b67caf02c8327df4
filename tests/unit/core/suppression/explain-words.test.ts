import { describe, expect, it } from '@jest/globals';
import { explainSuppression } from '../../../../src/core/suppression/explain-suppression.ts';
import { mergeFact, type Fact, type NewFact } from '../../../../src/core/suppression/suppression.ts';
import { aFact } from '../../../support/factories.ts';

const day = (date: number): string => `2026-09-${String(date).padStart(2, '0')}T00:00:00.000Z`;
const OURS = { platform: null, audienceId: null } as const;
const aLift = (date: number): NewFact => aFact({ ...OURS, kind: 'lift', via: 'manual', actor: 'key_1', at: day(date) });
const explain = (...told: NewFact[]) =>
  explainSuppression({ facts: told.reduce<Record<string, Fact>>(mergeFact, {}), predecessors: [] });
const first = (...told: NewFact[]) => explain(...told).events[0];

describe('what is said of an event', () => {
  it.each<[Partial<NewFact>, string]>([
    [{ kind: 'unsubscribe', via: 'webhook' }, 'A webhook told that the person unsubscribed.'],
    [{ kind: 'complaint', via: 'webhook' }, 'A webhook told that the person reported a message as spam.'],
    [{ kind: 'bounce', via: 'sync' }, 'A sync found that the person could not be reached: the address bounced for good.'],
    [{ ...OURS, kind: 'manual', via: 'import', actor: 'key_1' }, 'An imported file said that the person must not be mailed.'],
    [{ ...OURS, kind: 'manual', via: 'manual', actor: 'key_1' }, 'Somebody said by hand that the person must not be mailed.'],
    // Nobody is named where it comes from the record of another address.
    [{ ...OURS, kind: 'manual', via: 'manual', actor: null }, 'An earlier address of the person must not be mailed.'],
    [{ ...OURS, kind: 'manual', via: 'import', actor: null }, 'An imported file said that the person must not be mailed.'],
    [
      { ...OURS, kind: 'complaint', via: 'manual', actor: null },
      'Somebody said by hand that the person reported a message as spam.',
    ],
    [{ ...OURS, kind: 'erasure', via: 'manual' }, 'The person was erased.'],
    [{ ...OURS, kind: 'lift', via: 'manual', actor: 'key_1' }, 'Somebody lifted what had been said so far.'],
  ])('%o', (change, what) => {
    expect(first(aFact(change))?.what).toBe(what);
  });
});

describe('why an event counts or does not', () => {
  it('is for ever after an erasure or a complaint, lift or no lift', () => {
    expect(first(aFact({ ...OURS, kind: 'erasure', via: 'manual', at: day(1) }), aLift(2))).toMatchObject({
      counts: true,
      why: 'Erased people stay suppressed. It decides the reason. Nothing that counts is earlier.',
    });
    expect(first(aFact({ kind: 'complaint', at: day(1) }), aLift(2))).toMatchObject({
      counts: true,
      why: 'A complaint is never lifted. It decides the reason. Nothing that counts is earlier.',
    });
  });

  it('is that it came after the last lift', () => {
    const { events, rule } = explain(aFact({ at: day(1) }), aLift(2), aFact({ kind: 'bounce', at: day(3) }));
    expect(events.map(({ kind, counts, why }) => [kind, counts, why])).toEqual([
      ['unsubscribe', false, `It was lifted at ${day(2)}, and not told again since.`],
      ['lift', false, `It cancels what was told until ${day(2)}.`],
      ['bounce', true, `It was told after the lift of ${day(2)}. It decides the reason. Nothing that counts is earlier.`],
    ]);
    expect(rule).toBe('A bounce counts: it was not lifted since it was last told, and outranks whatever else counts.');
  });

  it('is that it was told again after the lift, since then', () => {
    expect(first(aFact({ at: day(1) }), aLift(2), aFact({ at: day(4) }))?.why).toBe(
      `It was lifted at ${day(2)}, but told again, so it counts since ${day(4)}. It decides the reason. Nothing that counts is earlier.`,
    );
  });

  it.each<[Partial<NewFact>, string]>([
    [{ kind: 'complaint' }, 'A complaint is graver and decides the reason.'],
    [{ kind: 'bounce' }, 'A bounce is graver and decides the reason.'],
    [{ kind: 'unsubscribe' }, 'An unsubscribe is graver and decides the reason.'],
  ])('is, by hand, that it is not the gravest beside %o', (change, why) => {
    const byHand = aFact({ ...OURS, kind: 'manual', via: 'manual', actor: 'key_1', at: day(1) });
    expect(first(byHand, aFact({ ...change, at: day(2) }))?.why).toBe(
      `It was never lifted. ${why} Nothing that counts is earlier.`,
    );
    expect(explain(byHand).rule).toBe('A suppression by hand counts: it was not lifted since it was last told.');
  });
});

describe('a lift', () => {
  it('cancels what was told until it, which is neither itself, nor later, nor for ever', () => {
    const NOTHING = 'There was nothing that it could cancel.';
    const whyOfLift = (...told: NewFact[]) => explain(...told).events.find(({ kind }) => kind === 'lift')?.why;
    expect(whyOfLift(aLift(2))).toBe(NOTHING);
    expect(whyOfLift(aLift(2), aFact({ at: day(3) }))).toBe(NOTHING);
    expect(whyOfLift(aLift(2), aFact({ kind: 'complaint', at: day(1) }))).toBe(NOTHING);
    expect(whyOfLift(aLift(2), aFact({ ...OURS, kind: 'erasure', via: 'manual', at: day(1) }))).toBe(NOTHING);
    expect(whyOfLift(aLift(2), aFact({ at: day(1) }))).toBe(`It cancels what was told until ${day(2)}.`);
    expect(whyOfLift(aLift(2), aFact({ at: day(2) }))).toBe(`It cancels what was told until ${day(2)}.`);
  });

  it('stands behind what it cancels, also of the same time, and everything else by time and kind', () => {
    const kinds = (...told: NewFact[]) => explain(...told).events.map(({ kind }) => kind);
    const [bounce, unsubscribe] = [aFact({ kind: 'bounce', at: day(2) }), aFact({ at: day(2) })];
    for (const told of [
      [aLift(2), unsubscribe, bounce],
      [unsubscribe, aLift(2), bounce],
      [bounce, unsubscribe, aLift(2)],
    ])
      expect(kinds(...told)).toEqual(['bounce', 'unsubscribe', 'lift']);
    expect(kinds(aFact({ at: day(3) }), aLift(2), aFact({ kind: 'complaint', at: day(1) }))).toEqual([
      'complaint',
      'lift',
      'unsubscribe',
    ]);
  });

  it('is possible for some, and for others it is said why not', () => {
    const erased = explain(aFact({ ...OURS, kind: 'erasure', via: 'manual' }));
    expect(erased.lift).toEqual({
      possible: false,
      how: 'Nothing lifts it: an erased person has to subscribe with another address.',
    });
    expect(explain(aFact({ kind: 'complaint' })).lift).toEqual({
      possible: false,
      how: 'Nothing lifts a complaint: leave the address out.',
    });
    expect(explain(aFact()).lift).toEqual({
      possible: true,
      how: 'An owner or admin lifts it with DELETE /v1/suppressions/{email} and a reason; whatever is told afterwards counts again.',
    });
    expect(explain(aLift(1))).toMatchObject({
      suppressed: false,
      rule: 'Nothing was ever told that would suppress the address.',
      lift: { possible: false, how: 'There is nothing to lift.' },
    });
  });
});
