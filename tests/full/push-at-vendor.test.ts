import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MINUTE, SECOND } from '../../src/core/shared/clock.ts';
import { addFact } from '../../src/core/suppression/suppress.ts';
import { aFact, TENANT } from '../support/factories.ts';
import type { Member } from '../support/member-list.ts';
import { memberVendor } from '../support/member-vendor.ts';
import { aMessage, openSyncs } from '../support/open-syncs.ts';
import { openStub, type Stub } from '../support/stub-server.ts';

const START = 1_780_000_000;
const message = (step = 0) => aMessage({ task: 'push', runId: 'sync_push-01J8B000000000000000000001', step });
let stub: Stub;
beforeAll(async () => {
  stub = await openStub();
});
afterAll(() => stub.close());

/** So many members in each of the seconds that follow one another. */
const membersIn = (...counts: readonly number[]): Member[] =>
  counts.flatMap((count, second) =>
    Array.from({ length: count }, (_, index): Member => {
      const id = `${String(second).padStart(3, '0')}-${String(index).padStart(5, '0')}`;
      return { id, email_address: `${id}@x.test`, changedAt: START + second, status: 'subscribed' };
    }),
  );

interface Options {
  naive?: { ignoresSince?: boolean; unsorted?: boolean; pageSize?: number };
  /** How long a page takes; a step has four minutes. */
  secondsPerPage?: number;
  refused?: (member: Member) => boolean;
  beforePage?: () => void;
}

/** A push from its first step to its end. */
async function push(members: Member[], suppressed: readonly Member[], options: Options = {}) {
  const world = openSyncs();
  const { naive, secondsPerPage = 0, refused, beforePage } = options;
  const { length } = stub.requests;
  Object.assign(
    world.vendor.platform,
    memberVendor(stub, members, {
      ...(naive && { naive }),
      ...(refused && { refused }),
      beforePage: () => {
        world.clock.advance(secondsPerPage * SECOND);
        beforePage?.();
      },
      now: () => world.clock.now(),
    }),
  );
  for (const { email_address } of suppressed)
    await addFact(world, TENANT, email_address, aFact({ kind: 'manual', via: 'manual', audienceId: null }));
  let steps = 0;
  do await world.run(message(steps), world.clock.now() + 4 * MINUTE);
  while (world.stored(message().runId).finishedAt === null && ++steps < 60);
  const left = suppressed.filter(({ status }) => status === 'subscribed').map(({ id }) => id);
  const wrongly = members
    .filter((member) => member.status === 'unsubscribed' && !suppressed.includes(member))
    .map(({ id }) => id);
  return { run: world.stored(message().runId), steps: steps + 1, left, wrongly, pages: stub.requests.length - length };
}
const every = (members: readonly Member[], nth: number): Member[] => members.filter((_, index) => index % nth === 0);

describe('a push into an audience of the vendor', () => {
  it('counts each of 3,000 people of one second once', async () => {
    const members = membersIn(3_000);
    const { run, left, wrongly } = await push(members, every(members, 3));
    expect([left, wrongly]).toEqual([[], []]);
    expect(run).toMatchObject({
      state: 'succeeded',
      progress: { done: 3_000, total: 3_000 },
      counts: { read: 3_000, suppressed: 1_000, unsubscribed: 1_000, failed: 0 },
    });
  });

  it.each([
    ['of one second', [12_000]],
    ['of few seconds', Array.from({ length: 80 }, () => 150)],
  ])('comes to its end when a step reads three pages %s', async (_name, counts) => {
    const members = membersIn(...counts);
    const { run, steps, left } = await push(members, [...members.slice(5, 6), ...members.slice(-5)], { secondsPerPage: 79 });
    expect([run.state, left]).toEqual(['succeeded', []]);
    expect(steps).toBeLessThan(20);
  });

  it.each([
    ['does not sort', { unsorted: true }],
    ['ignores the window', { ignoresSince: true }],
    ['gives short pages', { pageSize: 300 }],
    ['does all of it', { unsorted: true, ignoresSince: true, pageSize: 300 }],
  ])('leaves nobody at a vendor that %s', async (_name, naive) => {
    const members = membersIn(...Array.from({ length: 30 }, (_, index) => (index === 7 ? 1_400 : 60))).reverse();
    const { run, left, wrongly } = await push(members, every(members, 3), { naive });
    expect([run.state, left, wrongly]).toEqual(['succeeded', [], []]);
  });

  it('says whom the vendor does not find or does not change, once', async () => {
    const members = membersIn(800, 800);
    const suppressed = every(members, 2);
    const { run, left } = await push(members, suppressed, { refused: ({ id }) => id.endsWith('00') });
    expect(left).toHaveLength(16);
    expect(run).toMatchObject({
      state: 'partial',
      counts: { read: 1_600, suppressed: 800, unsubscribed: 784, failed: 16 },
    });
    expect(run.errors).toHaveLength(16);
  });

  it('ends with an error when a step gets nowhere', async () => {
    const members = membersIn(2_000);
    const { run, steps } = await push(members, members.slice(0, 1), { secondsPerPage: 5 * 60 });
    expect(run).toMatchObject({ state: 'failed', errors: [{ code: 'sync_incomplete' }] });
    expect(steps).toBe(1);
  });

  it('ends with an error when somebody new is found in every pass', async () => {
    const members = membersIn(50);
    const { run } = await push(members, members.slice(0, 25), {
      beforePage: () => {
        const back = members.find(({ status }) => status === 'unsubscribed');
        if (back) back.status = 'subscribed';
      },
    });
    expect(run).toMatchObject({ state: 'failed', errors: [{ code: 'sync_incomplete' }] });
  });

  it('leaves nobody, whatever the audience and whoever changes meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 1_700 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom(0, 45, 79),
        fc.constantFrom({}, { pageSize: 300 }, { unsorted: true }),
        fc.array(fc.record({ index: fc.nat({ max: 5_000 }), leaves: fc.boolean() }), { maxLength: 8 }),
        async (counts, nth, secondsPerPage, naive, changes) => {
          const members = membersIn(...counts);
          const suppressed = every(members, nth);
          const own = new Set<Member>();
          let second = START + 10_000;
          const beforePage = (): void => {
            const change = changes.shift();
            const member = change && members[change.index % members.length];
            if (!member || member.status !== 'subscribed') return;
            if (change.leaves) own.add(Object.assign(member, { status: 'unsubscribed' }));
            else member.changedAt = second++;
          };
          const { run, left, wrongly } = await push(members, suppressed, { naive, secondsPerPage, beforePage });
          expect([run.state, left]).toEqual(['succeeded', []]);
          expect(wrongly.filter((id) => ![...own].some((member) => member.id === id))).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  });
});
