import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ConnectionStore } from '../../../../src/core/connection/connection.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { MINUTE } from '../../../../src/core/shared/clock.ts';
import { mergeStreams } from '../../../../src/core/shared/merge-streams.ts';
import { dispatchSyncs } from '../../../../src/core/sync/dispatch-syncs.ts';
import type { SyncMessage } from '../../../../src/core/sync/queue-messages.ts';
import { Crash, planCrash } from '../../../support/crashes.ts';
import { aConnection, TENANT } from '../../../support/factories.ts';
import { openSyncs } from '../../../support/open-syncs.ts';
import { testClock, tick } from '../../../support/test-clock.ts';
import { testLog } from '../../../support/test-log.ts';
import { virtualTime } from '../../../support/virtual-time.ts';

const fire = { platform: 'mailchimp', task: 'suppressions', time: '2026-09-21T04:00:00Z' } as const;

describe('dispatchSyncs', () => {
  it('makes the same runs when a rule fires twice', async () => {
    const world = openSyncs();
    expect(await dispatchSyncs(world, fire)).toBe(1);
    await dispatchSyncs(world, { ...fire, time: '2026-09-21T04:00:00.000Z' });
    const [first, second] = world.syncQueue.sent;
    expect(second).toEqual(first);
    expect(first?.runId).toMatch(/^sync_suppressions-[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  it('makes another run for another day, task and tenant', async () => {
    const world = openSyncs();
    const other = aConnection({ tenantId: 'ten_other' });
    world.connections.records.set('ten_other/mailchimp', other);
    await dispatchSyncs(world, fire);
    await dispatchSyncs(world, { ...fire, time: '2026-09-22T04:00:00Z' });
    await dispatchSyncs(world, { ...fire, task: 'metrics' });
    expect(new Set(world.syncQueue.sent.map(({ runId }) => runId)).size).toBe(6);
  });

  it('leaves out who is not connected', async () => {
    const world = openSyncs();
    world.connections.records.set(`${TENANT}/mailchimp`, aConnection({ status: 'needs_reconnect' }));
    expect(await dispatchSyncs(world, fire)).toBe(0);
    expect(world.syncQueue.sent).toEqual([]);
  });
});

const tenant = (name: number | string) => ({ tenantId: `ten_${name}`, vendorUser: `user-${name}` });

describe('a dispatch of 100,000 tenants', () => {
  it('takes less than a minute and a request per ten tenants, and holds little', async () => {
    const time = virtualTime();
    const log = testLog();
    const [SHARDS, PER_SHARD] = [16, 6_250];
    let [requests, inFlight, most, pages, reading] = [0, 0, 0, 0, 0];
    const readAtSend: number[] = [];
    const runIds = new Set<string>();
    const shard = async function* (index: number) {
      for (let from = 0; from < PER_SHARD; from += 2_500) {
        reading++;
        await time.wait(200);
        reading--;
        pages++;
        yield Array.from({ length: Math.min(2_500, PER_SHARD - from) }, (_, row) => tenant(`${index}-${from + row}`));
      }
    };
    const shards = Array.from({ length: SHARDS }, (_, index) => () => shard(index));
    const connections: Pick<ConnectionStore, 'indexed'> = { indexed: () => mergeStreams(shards, 4) };
    const syncQueue = {
      async send(messages: readonly SyncMessage[]) {
        requests++;
        most = Math.max(most, ++inFlight);
        readAtSend.push(pages - Math.floor(runIds.size / 2_500));
        await time.wait(10);
        inFlight--;
        for (const { runId } of messages) runIds.add(runId);
      },
    };
    const begun = time.now();
    expect(await dispatchSyncs({ clock: time, log, connections, syncQueue }, fire)).toBe(100_000);
    const ms = time.now() - begun;
    expect(runIds.size).toBe(100_000);
    expect(requests).toBe(10_000);
    expect(most).toBe(8);
    expect(ms).toBeLessThan(MINUTE);
    // It sent while it read: reading alone takes the time of twelve pages, sending alone that of 1,250 waits.
    expect(ms).toBeLessThan(14_000);
    // The last page of a shard is a short one, so that a few more pages than tenants / 2,500 may have been read.
    expect(Math.max(...readAtSend)).toBeLessThan(16);
    expect(reading).toBe(0);
    expect(log.lines).toEqual([
      { level: 'info', event: 'sync.dispatched', fields: { task: 'suppressions', tenants: 100_000, ms } },
    ]);
  });
});

/** An index in pages; reading each is a call at which a process may end. */
function indexOf(
  pages: readonly (readonly number[])[],
  wrap: <T extends object>(port: T) => T,
): Pick<ConnectionStore, 'indexed'> {
  const index = wrap({
    async page(position: number) {
      await tick();
      return (pages[position] ?? []).map(tenant);
    },
  });
  const one = async function* (position: number) {
    yield await index.page(position);
  };
  return { indexed: (_platform, which) => mergeStreams(which === 'connected' ? pages.map((_, at) => () => one(at)) : [], 4) };
}

/** Ids of runs that a queue of any order and any repetition leads to, by tenant. */
function open(pages: readonly (readonly number[])[]) {
  const runs = new Map<string, Set<string>>();
  const refused = new Set<string>();
  let requests = 0;
  const queue = {
    async send(messages: readonly SyncMessage[]) {
      requests++;
      await tick();
      for (const { tenantId, runId } of messages)
        if (!refused.has(tenantId)) runs.set(tenantId, (runs.get(tenantId) ?? new Set()).add(runId));
      if (messages.some(({ tenantId }) => refused.has(tenantId))) throw new AppError('service_unavailable', 'Not taken.');
    },
  };
  const log = testLog();
  const dispatch = (wrap: <T extends object>(port: T) => T = (port) => port): Promise<number> =>
    dispatchSyncs({ clock: testClock(), log, connections: indexOf(pages, wrap), syncQueue: wrap(queue) }, fire);
  return { runs, refused, log, dispatch, requests: () => requests };
}

const pagesArbitrary = fc.uniqueArray(fc.nat(10_000), { maxLength: 300 }).chain((tenants) =>
  fc.array(fc.nat(90), { maxLength: 12 }).map((sizes) => {
    const rest = [...tenants];
    return [...sizes, rest.length].map((size) => rest.splice(0, size)).filter((page) => page.length > 0);
  }),
);

describe('a dispatcher that ends anywhere', () => {
  it('gives every tenant the same one run, whatever call it ended at and however often the rule fires', async () => {
    await fc.assert(
      fc.asyncProperty(
        pagesArbitrary,
        fc.array(fc.record({ at: fc.integer({ min: 1, max: 45 }), when: fc.constantFrom('before' as const, 'after' as const) }), {
          maxLength: 3,
        }),
        fc.boolean(),
        async (pages, plans, isDoubled) => {
          const undisturbed = open(pages);
          await undisturbed.dispatch();
          const world = open(pages);
          for (const plan of plans) {
            const process = world.dispatch(planCrash(plan).startProcess());
            const other = isDoubled ? world.dispatch(planCrash({ ...plan, at: plan.at + 3 }).startProcess()) : undefined;
            for (const result of await Promise.allSettled([process, other]))
              if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(Crash);
          }
          expect(await world.dispatch()).toBe(pages.flat().length);
          expect(world.runs).toEqual(undisturbed.runs);
          expect([...world.runs.keys()].sort()).toEqual(
            pages
              .flat()
              .map((name) => `ten_${name}`)
              .sort(),
          );
          for (const ids of world.runs.values()) expect(ids.size).toBe(1);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('begins nothing more after a crash, and leaves nothing behind that still runs', async () => {
    const world = open([Array.from({ length: 400 }, (_, index) => index)]);
    await expect(world.dispatch(planCrash({ at: 12, when: 'before' }).startProcess())).rejects.toBeInstanceOf(Crash);
    const requests = world.requests();
    for (let turn = 0; turn < 100; turn++) await tick();
    expect(world.requests()).toBe(requests);
    expect(requests).toBeLessThan(20);
  });

  it('sends to everybody else when one message is refused, says so, and fails so that it is tried again', async () => {
    const world = open([Array.from({ length: 95 }, (_, index) => index)]);
    world.refused.add('ten_42');
    await expect(world.dispatch()).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(world.runs.size).toBe(94);
    expect(world.log.lines).toMatchObject([
      { level: 'error', event: 'sync.dispatch_incomplete', fields: { tenants: 85, failures: 1 } },
    ]);
    world.refused.clear();
    expect(await world.dispatch()).toBe(95);
    expect(world.runs.size).toBe(95);
  });

  it('does not go through all tenants when the queue takes nothing', async () => {
    const world = open([Array.from({ length: 4_000 }, (_, index) => index)]);
    for (let index = 0; index < 4_000; index++) world.refused.add(`ten_${index}`);
    await expect(world.dispatch()).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(world.requests()).toBeLessThan(30);
    expect(world.log.lines).toMatchObject([{ event: 'sync.dispatch_incomplete', fields: { tenants: 0, failures: 21 } }]);
  });
});
