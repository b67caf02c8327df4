import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { explainSuppression } from '../../../../src/core/suppression/explain-suppression.ts';
import { judge, mergeFact, type Fact, type NewFact } from '../../../../src/core/suppression/suppression.ts';
import { aFact } from '../../../support/factories.ts';
import { compareHistories } from '../../../support/suppression-histories.ts';

const NOW = Date.UTC(2026, 8, 20);
const day = (offset: number): string => new Date(NOW + offset * 86_400_000).toISOString();
const aLift = (change: Partial<NewFact> = {}): NewFact =>
  aFact({ kind: 'lift', via: 'manual', platform: null, audienceId: null, actor: 'key_1', vendorReason: 'asked', ...change });
const factsOf = (...told: NewFact[]): Record<string, Fact> => told.reduce<Record<string, Fact>>(mergeFact, {});
const explain = (...told: NewFact[]) => explainSuppression({ facts: factsOf(...told), predecessors: [] });

/** What may happen to an address, a little of it dated after now. */
const told = fc
  .record({
    kind: fc.constantFrom('unsubscribe', 'bounce', 'complaint', 'manual', 'erasure', 'lift', 'lift', 'unsubscribe', 'bounce'),
    via: fc.constantFrom('webhook', 'sync', 'manual', 'import'),
    audienceId: fc.constantFrom('aud_1', 'aud_2'),
    at: fc.integer({ min: -20, max: 2 }).map(day),
  })
  .map((change): NewFact => {
    const isOurs = change.kind === 'lift' || change.kind === 'erasure' || change.kind === 'manual';
    return isOurs ? aLift({ kind: change.kind, at: change.at }) : aFact(change);
  });
const histories = fc.array(told, { maxLength: 5 });

describe('the explanation of a suppression', () => {
  it('is the decision of the gate and of the written rule, for 300 histories', async () => {
    expect((await compareHistories(300, 20_260_921)).wrong).toBeNull();
  });

  it('says of an address that was another one before that facts were carried over', () => {
    const facts = factsOf(aFact());
    expect(explainSuppression({ facts, predecessors: [] }).carried).toBeNull();
    expect(explainSuppression({ facts, predecessors: ['hash'] }).carried).toContain('told of an earlier address');
  });

  it('of what counts alone is the same verdict', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const facts = factsOf(...history);
        const { events, reason } = explainSuppression({ facts, predecessors: [] });
        const counting = events.filter(({ counts }) => counts).map(({ at, kind, audienceId }) => `${kind} ${audienceId} ${at}`);
        const kept = Object.entries(facts).filter(([, fact]) => counting.includes(`${fact.kind} ${fact.audienceId} ${fact.at}`));
        expect(judge(Object.fromEntries(kept)).reason).toBe(reason);
      }),
      { numRuns: 500 },
    );
  });

  it('of an address nobody told anything of is that nothing is known', () => {
    expect(explainSuppression(undefined)).toEqual({
      suppressed: false,
      reason: null,
      since: null,
      rule: 'Nothing was ever told that would suppress the address.',
      carried: null,
      events: [],
      lift: { possible: false, how: 'There is nothing to lift.' },
    });
  });

  it('tells what each teller said, oldest first, which one decides, and how to lift it', () => {
    const found = explain(aFact({ kind: 'bounce', via: 'sync', at: day(-2) }), aFact({ at: day(-3) }));
    expect(found).toMatchObject({
      suppressed: true,
      reason: 'bounce',
      since: day(-3),
      rule: 'A bounce counts: it was not lifted since it was last told, and outranks whatever else counts.',
      lift: { possible: true, how: expect.stringContaining('DELETE /v1/suppressions/{email}') },
    });
    expect(found.events.map(({ what, why }) => [what, why])).toEqual([
      [
        'A webhook told that the person unsubscribed.',
        'It was never lifted. A bounce is graver and decides the reason. Nothing that counts is earlier.',
      ],
      [
        'A sync found that the person could not be reached: the address bounced for good.',
        'It was never lifted. It decides the reason.',
      ],
    ]);
  });

  it('says of what was lifted when, and of what was told again that it counts again', () => {
    expect(explain(aFact({ at: day(-3) }), aLift({ at: day(-2) }))).toMatchObject({
      suppressed: false,
      rule: `Everything was lifted at ${day(-2)}, and nothing was told since.`,
      events: [
        { counts: false, why: `It was lifted at ${day(-2)}, and not told again since.` },
        { kind: 'lift', counts: false },
      ],
    });
    expect(explain(aFact({ at: day(-3) }), aLift({ at: day(-2) }), aFact({ at: day(-1) }))).toMatchObject({
      suppressed: true,
      since: day(-1),
      events: [{ counts: true, why: expect.stringContaining('told again, so it counts since') }, { kind: 'lift' }],
    });
  });

  it('knows no lift for a complaint, and one for something that is dated after now', () => {
    expect(explain(aFact({ kind: 'complaint' }), aLift({ at: day(1) }))).toMatchObject({
      rule: 'Whoever reported a message as spam is never mailed again.',
      lift: { possible: false },
    });
    expect(explain(aFact({ at: day(1) })).lift).toMatchObject({ possible: true });
  });

  it('shows nothing of an erased person', () => {
    const found = explain(
      aFact({ kind: 'manual', via: 'manual', platform: null, audienceId: null, vendorReason: 'Mona called', actor: 'user_mona' }),
      aLift({ kind: 'erasure', at: day(-1), vendorReason: null, actor: null }),
    );
    expect(found).toMatchObject({
      suppressed: true,
      rule: 'Whoever was erased is never mailed again.',
      lift: { possible: false },
    });
    expect(JSON.stringify(found).toLowerCase()).not.toContain('mona');
  });
});
