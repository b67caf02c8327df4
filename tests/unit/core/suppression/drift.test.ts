import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toAudience } from '../../../../src/core/audience/audience.ts';
import { DAY, HOUR, MINUTE, toDate, toIso } from '../../../../src/core/shared/clock.ts';
import { runSync } from '../../../../src/core/sync/run-sync.ts';
import { makeTasks } from '../../../../src/core/sync/tasks.ts';
import { countDrift } from '../../../../src/core/suppression/drift.ts';
import { readDrift } from '../../../../src/core/suppression/read-drift.ts';
import { findSuppression } from '../../../../src/core/suppression/suppress.ts';
import { receiveDelivery } from '../../../../src/core/webhook/receive-delivery.ts';
import { Crash, planCrash, type CrashPlan, type Wrap } from '../../../support/crashes.ts';
import { aConnection, aHook, TENANT } from '../../../support/factories.ts';
import { aVendorAudience } from '../../../support/fake-platform.ts';
import { fakeQuarantine } from '../../../support/fake-quarantine.ts';
import { fakeUntold } from '../../../support/fake-untold.ts';
import { aMessage, openSyncs } from '../../../support/open-syncs.ts';

const OWNER = { tenantId: TENANT, platform: 'mailchimp' as const, accountId: aConnection().accountId ?? '' };
const AUDIENCE = toAudience(OWNER, aVendorAudience(), '2026-09-01T00:00:00.000Z');
const emailOf = (person: number): string => `p${person}@x.test`;

/** A tenant with one hooked audience; the vendor delivers when told to, and lives through crashes of both sides. */
async function open() {
  const world = openSyncs();
  const hook = aHook('right', { audienceId: AUDIENCE.id, createdAt: toIso(world.clock.now() - MINUTE) });
  world.hooks.records.set(hook.secretHash, hook);
  await world.audiences.putAll([AUDIENCE]);
  const changes = new Map<number, string>();
  let runs = 0;

  const depart = (person: number): void => {
    if (changes.has(person)) return;
    const at = toIso(world.clock.now());
    changes.set(person, at);
    world.vendor.departures.push({
      email: emailOf(person),
      kind: 'unsubscribe',
      campaignVendorId: null,
      at,
      vendorReason: null,
    });
  };
  const deliverOnce = async (person: number, wrap: Wrap): Promise<unknown> =>
    receiveDelivery(
      {
        ...world,
        quarantine: fakeQuarantine(world.clock),
        deploymentId: '0a1b2c3d4e',
        suppressions: wrap(world.suppressions),
        untold: wrap(world.untold),
        hookActivity: wrap(world.hookActivity),
        webhookAdapter: {
          verify: () => 'good',
          sketch: () => ({ bytes: 0, fields: [], otherFields: 0 }),
          parse: () => ({
            kind: 'departed',
            email: emailOf(person),
            audienceVendorId: null,
            reason: 'unsubscribe',
            campaignVendorId: person % 2 === 0 ? null : 'vc1',
            at: changes.get(person) ?? null,
            vendorReason: 'manual',
          }),
        },
      },
      { secret: 'right', hookId: hook.hookId, rawBody: Buffer.from(''), signature: undefined, receivedAtMs: 0 },
    );
  /** What was not acknowledged is delivered again. */
  const deliver = async (person: number, plan?: CrashPlan): Promise<void> => {
    if (!changes.has(person)) return;
    const crashes = planCrash(plan ?? { at: 0, when: 'before' });
    await deliverOnce(person, crashes.startProcess()).catch(() => deliverOnce(person, crashes.startProcess()));
  };
  const sync = async (plan?: CrashPlan): Promise<void> => {
    const crashes = planCrash(plan ?? { at: 0, when: 'before' });
    const message = aMessage({
      task: 'suppressions',
      runId: `sync_suppressions-01J8B0000000000000000${String(++runs).padStart(5, '0')}`,
    });
    const process = (): Promise<void> => {
      const wrap = crashes.startProcess();
      const stores = { ...world, suppressions: wrap(world.suppressions), untold: wrap(world.untold), runs: wrap(world.runs) };
      return runSync({ ...world.deps, tasks: makeTasks(stores) }, message, Infinity, false);
    };
    await process().catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
      return process();
    });
  };
  const report = (days = 30) => readDrift({ ...world, platforms: ['mailchimp'] }, TENANT, days);
  return { world, hook, depart, deliver, sync, report, changes };
}

describe('the drift report', () => {
  it('counts whoever left ninety minutes ago without a delivery, and that a sync made it good', async () => {
    const { world, depart, sync, report } = await open();
    depart(1);
    world.clock.advance(2 * HOUR);
    expect(await report()).toMatchObject({ missed: 0, healed: 0 });
    await sync();
    expect(await report()).toMatchObject({ missed: 1, healed: 1, late: 0, pending: 0 });
    expect([...world.runs.records.values()].at(-1)?.counts).toMatchObject({ missedByWebhook: 1 });
  });

  it('does not count yet what a delivery may still tell', async () => {
    const { world, depart, sync, report } = await open();
    depart(1);
    world.clock.advance(80 * MINUTE);
    await sync();
    expect(await report()).toMatchObject({ missed: 0, pending: 1 });
    world.clock.advance(10 * MINUTE);
    expect(await report()).toMatchObject({ missed: 1, pending: 0 });
  });

  it('takes back what a delivery tells after all', async () => {
    const { world, depart, deliver, sync, report } = await open();
    depart(1);
    world.clock.advance(DAY);
    await sync();
    await deliver(1);
    expect(await report()).toMatchObject({ missed: 0, healed: 0, late: 1 });
    await deliver(1);
    await sync();
    expect(await report()).toMatchObject({ missed: 0, late: 1 });
  });

  it('counts nobody whom a delivery told before, and nobody who left before there was a hook', async () => {
    const { world, hook, depart, deliver, sync, report } = await open();
    depart(1);
    await deliver(1);
    world.vendor.departures.push({
      email: 'early@x.test',
      kind: 'bounce',
      campaignVendorId: null,
      at: toIso(Date.parse(hook.createdAt) - MINUTE),
      vendorReason: null,
    });
    world.clock.advance(DAY);
    await sync();
    expect(await report()).toMatchObject({ missed: 0, pending: 0 });
    expect(world.untold.rows.size).toBe(0);
  });

  it('counts one person once, however many things the vendor says of them', async () => {
    const { world, depart, sync, report } = await open();
    depart(1);
    const [departure] = world.vendor.departures;
    if (departure) world.vendor.departures.push({ ...departure, kind: 'complaint' });
    world.clock.advance(DAY);
    await sync();
    expect(await report()).toMatchObject({ missed: 1 });
  });

  it('goes on counting behind a hook that was replaced', async () => {
    const { world, hook, depart, sync, report } = await open();
    depart(1);
    world.clock.advance(2 * HOUR);
    world.hooks.records.clear();
    const next = aHook('next', {
      audienceId: AUDIENCE.id,
      createdAt: toIso(world.clock.now()),
      coveredSince: hook.createdAt,
    });
    world.hooks.records.set(next.secretHash, next);
    await sync();
    const { missed, audiences } = await report();
    expect(missed).toBe(1);
    expect(audiences.find(({ audience }) => audience.id === AUDIENCE.id)?.coveredSince).toBe(hook.createdAt);
  });

  it('shows every day of the period, by the day of the departure', async () => {
    const { world, depart, deliver, sync, report } = await open();
    depart(1);
    const first = toDate(world.clock.now());
    world.clock.advance(DAY);
    depart(2);
    await deliver(2);
    depart(3);
    world.clock.advance(DAY);
    await sync();
    const { trend, audiences } = await report(3);
    expect(trend).toEqual([
      { date: first, missed: 1, healed: 1, late: 0, deliveries: 0 },
      { date: toDate(world.clock.now() - DAY), missed: 1, healed: 1, late: 0, deliveries: 1 },
      { date: toDate(world.clock.now()), missed: 0, healed: 0, late: 0, deliveries: 0 },
    ]);
    expect(audiences.find(({ audience }) => audience.id === AUDIENCE.id)?.trend).toEqual(trend);
    expect(await report(1)).toMatchObject({ missed: 0 });
  });

  it('does not say that a sync made good what it had no time to store', async () => {
    const untold = fakeUntold();
    const now = Date.UTC(2026, 8, 20);
    await untold.add(TENANT, 'aud', { addressHash: 'h', changedAt: toIso(now - DAY), foundAt: toIso(now) });
    expect(await countDrift(untold.each(TENANT, 'aud'), '2026-09-01', now)).toMatchObject({ missed: 1, healed: 0 });
  });
});

const crash = fc.option(
  fc.record({ at: fc.integer({ min: 1, max: 30 }), when: fc.constantFrom('before' as const, 'after' as const) }),
  {
    nil: undefined,
  },
);
const person = fc.integer({ min: 0, max: 4 });
const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('depart' as const), person }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('deliver' as const), person, crash }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('sync' as const), crash }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('between' as const), person, crash }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 200 }) }) },
);

describe('after any loss, duplication, shuffling and crash', () => {
  it('one sync suppresses everybody who left, and the count of misses is exact', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 20 }), async (events) => {
        const { world, depart, deliver, sync, report, changes } = await open();
        const told = new Set<number>();
        for (const one of events) {
          if ('person' in one && one.kind !== 'depart' && changes.has(one.person)) told.add(one.person);
          if (one.kind === 'depart') depart(one.person);
          if (one.kind === 'deliver') await deliver(one.person, one.crash);
          if (one.kind === 'sync') await sync(one.crash);
          if (one.kind === 'between') {
            const delivery = { isMade: false };
            world.suppressions.beforeSave = () => {
              delivery.isMade = true;
              return deliver(one.person);
            };
            await sync(one.crash);
            world.suppressions.beforeSave = undefined;
            if (!delivery.isMade) await deliver(one.person);
          }
          if (one.kind === 'wait') world.clock.advance(one.minutes * MINUTE);
          world.clock.advance(1_000);
        }
        world.clock.advance(2 * HOUR);
        await sync();
        const silent = [...changes.keys()].filter((who) => !told.has(who)).length;
        expect(await report()).toMatchObject({ missed: silent, healed: silent, pending: 0 });
        for (const who of changes.keys())
          expect(await findSuppression(world, TENANT, emailOf(who))).toMatchObject({
            reason: 'unsubscribe',
            since: changes.get(who),
          });
        const { saves } = world.suppressions;
        await sync();
        expect(world.suppressions.saves).toBe(saves);
      }),
      { numRuns: 500 },
    );
  });
});
