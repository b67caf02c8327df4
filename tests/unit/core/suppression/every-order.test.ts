import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addFact, moveAddress } from '../../../../src/core/suppression/suppress.ts';
import { Crash, planCrash } from '../../../support/crashes.ts';
import { aFact, TENANT } from '../../../support/factories.ts';
import { fakeHasher, fakeSuppressions } from '../../../support/fake-suppressions.ts';
import { ruleFor, type Told } from '../../../support/written-rule.ts';

const PEOPLE = ['a@x.test', 'b@x.test', 'c@x.test'] as const;
const at = (minute: number): string => new Date(Date.UTC(2026, 8, 1, 0, minute)).toISOString();

type Event = Exclude<Told, { kind: 'erased' }>;

const who = fc.integer({ min: 0, max: 2 });
const minute = fc.integer({ min: 0, max: 30 });
const departed = fc
  .record({
    kind: fc.constantFrom('unsubscribe' as const, 'bounce' as const, 'complaint' as const),
    via: fc.constantFrom('webhook' as const, 'sync' as const, 'import' as const),
    audienceId: fc.constantFrom('aud_a', 'aud_b'),
    campaignVendorId: fc.constantFrom(null, 'c1'),
    vendorReason: fc.constantFrom(null, 'manual', 'delete'),
    minute,
  })
  .map(({ minute: when, ...said }) => aFact({ ...said, at: at(when) }));
const byHand = fc
  .record({
    kind: fc.constantFrom('manual' as const, 'lift' as const),
    actor: fc.constantFrom('key_1', 'key_2'),
    vendorReason: fc.constantFrom(null, 'asked', 'phoned'),
    minute,
  })
  .map(({ minute: when, ...said }) => aFact({ ...said, via: 'manual', platform: null, audienceId: null, at: at(when) }));
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('fact' as const), who, fact: fc.oneof({ weight: 2, arbitrary: departed }, byHand) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('moved' as const), from: who, to: who }) },
);

const open = () => ({ suppressions: fakeSuppressions(), hasher: fakeHasher });
type Deps = ReturnType<typeof open>;

const apply = async (deps: Deps, one: Event): Promise<unknown> =>
  one.kind === 'fact'
    ? addFact(deps, TENANT, PEOPLE[one.who] ?? '', one.fact)
    : moveAddress(deps, TENANT, PEOPLE[one.from] ?? '', PEOPLE[one.to] ?? '');

async function endOf(deps: Deps, person: number) {
  const found = await deps.suppressions.get(TENANT, await fakeHasher.hash(TENANT, PEOPLE[person] ?? ''));
  return { verdict: { reason: found?.reason ?? null, since: found?.since ?? null }, facts: found?.facts ?? {} };
}

const story = fc.array(event, { maxLength: 10 });
const shuffled = story.chain((events) =>
  fc.tuple(
    fc.constant(events),
    fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2, maxLength: events.length * 2 }),
  ),
);

describe('whatever the order, the repetitions and the crashes', () => {
  it('the list ends in what the written rule says of all that was told', async () => {
    await fc.assert(
      fc.asyncProperty(shuffled, async ([events, again]) => {
        const deps = open();
        for (const one of again) await apply(deps, one);
        for (const person of PEOPLE.keys()) expect((await endOf(deps, person)).verdict).toEqual(ruleFor(person, events));
      }),
      { numRuns: 300 },
    );
  });

  it('two orders end in the same facts, times, tellers and words', async () => {
    await fc.assert(
      fc.asyncProperty(shuffled, async ([events, again]) => {
        const [one, other] = [open(), open()];
        for (const said of events) await apply(one, said);
        for (const said of again) await apply(other, said);
        for (const person of PEOPLE.keys()) expect(await endOf(other, person)).toEqual(await endOf(one, person));
      }),
      { numRuns: 300 },
    );
  });

  it('those told at the same moment end there as well', async () => {
    await fc.assert(
      fc.asyncProperty(
        story.filter((events) => events.length <= 5),
        async (events) => {
          const deps = open();
          await Promise.all(events.map((one) => apply(deps, one)));
          for (const person of PEOPLE.keys()) expect((await endOf(deps, person)).verdict).toEqual(ruleFor(person, events));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('what ended in the middle ends there when it is told again', async () => {
    const plan = fc.record({ at: fc.integer({ min: 1, max: 25 }), when: fc.constantFrom('before' as const, 'after' as const) });
    await fc.assert(
      fc.asyncProperty(shuffled, plan, async ([events, again], crash) => {
        const deps = open();
        const crashes = planCrash(crash);
        for (const one of again) {
          const process = () => apply({ ...deps, suppressions: crashes.startProcess()(deps.suppressions) }, one);
          await process().catch((error: unknown) => {
            if (!(error instanceof Crash)) throw error;
            return process();
          });
        }
        for (const person of PEOPLE.keys()) expect((await endOf(deps, person)).verdict).toEqual(ruleFor(person, events));
      }),
      { numRuns: 300 },
    );
  });
});
