import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { DAY, HOUR, MINUTE, toDate, toIso } from '../../../../src/core/shared/clock.ts';
import { countDrift } from '../../../../src/core/suppression/drift.ts';
import { findSuppression, liftSuppression } from '../../../../src/core/suppression/suppress.ts';
import { aHook, TENANT } from '../../../support/factories.ts';
import { fakeUntold } from '../../../support/fake-untold.ts';
import { aMessage, openSyncs } from '../../../support/open-syncs.ts';

import { AUDIENCE, emailOf, openDrift } from '../../../support/open-drift.ts';

describe('the drift report', () => {
  it('counts whoever left ninety minutes ago without a delivery, and that a sync made it good', async () => {
    const { world, depart, sync, report } = await openDrift();
    depart(1);
    world.clock.advance(2 * HOUR);
    expect(await report()).toMatchObject({ missed: 0, healed: 0 });
    await sync();
    expect(await report()).toMatchObject({ missed: 1, healed: 1, late: 0, pending: 0 });
    expect([...world.runs.records.values()].at(-1)?.counts).toMatchObject({ missedByWebhook: 1 });
  });

  it('does not count yet what a delivery may still tell', async () => {
    const { world, depart, sync, report } = await openDrift();
    depart(1);
    world.clock.advance(80 * MINUTE);
    await sync();
    expect(await report()).toMatchObject({ missed: 0, pending: 1 });
    world.clock.advance(10 * MINUTE);
    expect(await report()).toMatchObject({ missed: 1, pending: 0 });
  });

  it('takes back what a delivery tells after all', async () => {
    const { world, depart, deliver, sync, report } = await openDrift();
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
    const { world, hook, depart, deliver, show, sync, report } = await openDrift();
    depart(1);
    await deliver(1);
    show(2, 'bounce', toIso(Date.parse(hook.createdAt) - MINUTE));
    world.clock.advance(DAY);
    await sync();
    expect(await report()).toMatchObject({ missed: 0, pending: 0 });
    expect(world.untold.rows.size).toBe(0);
  });

  it('counts one departure once, however many things the vendor says of it', async () => {
    const { world, depart, sync, report } = await openDrift();
    depart(1, 'complaint');
    world.clock.advance(DAY);
    await sync();
    expect(world.untold.rows.size).toBe(2);
    expect(await report()).toMatchObject({ missed: 1, healed: 1 });
  });

  it('counts a complaint that no delivery told, of somebody whose opt-out one did', async () => {
    const { world, depart, deliver, sync, report } = await openDrift();
    depart(1);
    await deliver(1);
    world.clock.advance(DAY);
    depart(1, 'complaint');
    world.clock.advance(DAY);
    await sync();
    expect(await report()).toMatchObject({ missed: 1, healed: 1, late: 0 });
    await deliver(1, 'complaint');
    expect(await report()).toMatchObject({ missed: 0, late: 1 });
  });

  it('takes the delivery of a complaint for that of the opt-out', async () => {
    const { world, depart, deliver, sync, report } = await openDrift();
    depart(1, 'complaint');
    await deliver(1, 'complaint');
    world.clock.advance(DAY);
    await sync();
    expect(await report()).toMatchObject({ missed: 0, late: 0, pending: 0 });
  });

  it('counts whoever left again after a lift', async () => {
    const { world, depart, deliver, edit, sync, report } = await openDrift();
    depart(1);
    await deliver(1);
    world.clock.advance(DAY);
    await sync();
    const lift = { at: toIso(world.clock.now()), actor: 'key_1', reason: 'asked' };
    await liftSuppression(world, TENANT, emailOf(1), lift);
    world.clock.advance(HOUR);
    edit(1);
    world.clock.advance(DAY);
    await sync();
    expect(await findSuppression(world, TENANT, emailOf(1))).toMatchObject({ reason: 'unsubscribe' });
    expect(await report()).toMatchObject({ missed: 1, healed: 1 });
  });

  it('takes nobody whom the first reading finds for a miss, whatever time of change they show', async () => {
    const world = openSyncs();
    world.runs.cursors.clear();
    const hook = aHook('right', { audienceId: AUDIENCE.id, createdAt: toIso(world.clock.now() - DAY) });
    world.hooks.records.set(hook.secretHash, hook);
    world.vendor.departures.push({
      email: emailOf(1),
      kind: 'unsubscribe',
      campaignVendorId: null,
      at: toIso(world.clock.now() - 2 * HOUR),
      vendorReason: null,
    });
    await world.run(aMessage({ task: 'suppressions', runId: 'sync_suppressions-01J8B000000000000000000009' }));
    expect(await findSuppression(world, TENANT, emailOf(1))).toBeDefined();
    expect(world.untold.rows.size).toBe(0);
  });

  it('lets nobody through because it cannot count', async () => {
    const { world, depart, sync } = await openDrift();
    depart(1);
    const busy = () => Promise.reject(new AppError('service_unavailable', 'The store is busy.'));
    Object.assign(world.untold, { add: busy, note: busy });
    await sync();
    expect(await findSuppression(world, TENANT, emailOf(1))).toBeDefined();
    expect(world.log.lines.map(({ event }) => event)).toContain('drift.not_counted');
  });

  it('goes on counting behind a hook that was replaced', async () => {
    const { world, hook, depart, sync, report } = await openDrift();
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
    const { world, depart, deliver, sync, report } = await openDrift();
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
    await untold.add(TENANT, 'aud', {
      addressHash: 'h',
      kind: 'bounce',
      generation: '',
      changedAt: toIso(now - DAY),
      foundAt: toIso(now),
    });
    expect(await countDrift(untold.each(TENANT, 'aud'), '2026-09-01', now)).toMatchObject({ missed: 1, healed: 0 });
  });
});
