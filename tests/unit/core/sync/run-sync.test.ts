import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { MINUTE } from '../../../../src/core/shared/clock.ts';
import { LEASE_MS, newRun } from '../../../../src/core/sync/sync-run.ts';
import { anAudience, TENANT } from '../../../support/factories.ts';
import { aMessage, openSyncs, RUN_ID } from '../../../support/open-syncs.ts';

const busy = () => new AppError('vendor_rate_limited', 'Busy.');
const AT = '2026-09-21T05:00:00.000Z';

describe('runSync', () => {
  it('ends with done equal to total, and lets go of the lease', async () => {
    const world = openSyncs();
    await world.run();
    expect(world.stored()).toMatchObject({ state: 'succeeded', progress: { done: 1, total: 1 }, errors: [] });
    expect(world.stored().finishedAt).not.toBeNull();
    expect(world.runs.leases.size).toBe(0);
    expect(world.sentFollowups).toEqual([]);
  });

  it('leaves a finished run alone', async () => {
    const world = openSyncs();
    await world.run();
    const { length } = world.vendor.calls;
    const before = world.stored();
    await world.run();
    expect(world.vendor.calls).toHaveLength(length);
    expect(world.stored()).toEqual(before);
  });

  it('drops a step below the checkpoint', async () => {
    const world = openSyncs();
    world.runs.records.set(RUN_ID, { ...newRun(aMessage(), AT), state: 'running', step: 2 });
    await world.run(aMessage({ step: 1 }));
    expect(world.vendor.calls).toEqual([]);
    await world.run(aMessage({ step: 2 }));
    expect(world.stored().state).toBe('succeeded');
  });

  it('gives way to another run of the same task', async () => {
    const world = openSyncs();
    await world.runs.lease(TENANT, 'audiences', 'sync_audiences-OTHER', world.clock.now(), world.clock.now() + MINUTE);
    await world.run();
    expect(world.stored()).toMatchObject({ state: 'cancelled', counts: { skippedForOtherRun: 1 } });
    expect(world.vendor.calls).toEqual([]);
    expect(world.runs.leases.get(`${TENANT}/audiences`)?.runId).toBe('sync_audiences-OTHER');
  });

  it('takes over from a run that has been silent for too long', async () => {
    const world = openSyncs();
    await world.runs.lease(TENANT, 'audiences', 'sync_audiences-OTHER', world.clock.now(), world.clock.now() + LEASE_MS);
    world.clock.advance(LEASE_MS + 1);
    await world.run();
    expect(world.stored().state).toBe('succeeded');
  });

  it('waits outside the queue while the vendor is busy, ever longer but never beyond ten minutes', async () => {
    const world = openSyncs();
    world.deps.random = () => 0.999_999;
    const delays: number[] = [];
    for (let step = 0; step < 6; step++) {
      world.vendor.faults.push({ method: 'readAudiences', error: busy() });
      await world.run(aMessage({ step }));
      const wakeUp = world.sentFollowups.at(-1);
      expect(wakeUp?.followup).toEqual(aMessage({ step: step + 1 }));
      expect(world.stored()).toMatchObject({ state: 'running', finishedAt: null, attempts: step + 1 });
      delays.push(wakeUp?.delaySeconds ?? 0);
      const leaseUntil = world.runs.leases.get(`${TENANT}/audiences`)?.untilMs ?? 0;
      expect(leaseUntil).toBeGreaterThan(world.clock.now() + (wakeUp?.delaySeconds ?? 0) * 1000);
    }
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
    expect(Math.max(...delays)).toBeLessThanOrEqual(601);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(1);
    world.vendor.faults.push({ method: 'readAudiences', error: busy() });
    await world.run(aMessage({ step: 6 }));
    expect(world.stored()).toMatchObject({ state: 'failed', errors: [{ code: 'vendor_rate_limited' }] });
    expect(world.sentFollowups).toHaveLength(6);
  });

  it('spreads wake-ups by chance', async () => {
    const delays = await Promise.all(
      [0, 0.5, 0.999].map(async (random) => {
        const world = openSyncs();
        world.deps.random = () => random;
        world.vendor.faults.push({ method: 'readAudiences', error: busy() });
        await world.run();
        return world.sentFollowups[0]?.delaySeconds;
      }),
    );
    expect(delays).toEqual([1, 6, 10]);
  });

  it('fails with a dead token, without trying again, and marks the connection', async () => {
    const world = openSyncs();
    world.vendor.faults.push({ method: 'readAudiences', error: new AppError('invalid_token', 'Dead.') });
    await world.run();
    expect(world.stored()).toMatchObject({ state: 'failed', errors: [{ code: 'invalid_token', fix: 'Reconnect Mailchimp' }] });
    expect(await world.connections.get(TENANT, 'mailchimp')).toMatchObject({ status: 'needs_reconnect' });
    expect(world.sentFollowups).toEqual([]);
    expect(world.runs.leases.size).toBe(0);
  });

  it('is cancelled without a call when nothing is connected any more', async () => {
    const world = openSyncs();
    world.connections.records.clear();
    await world.run();
    expect(world.stored()).toMatchObject({ state: 'cancelled', errors: [{ code: 'not_connected' }] });
    expect(world.vendor.calls).toEqual([]);
  });

  it('is partial when a part had a problem', async () => {
    const world = openSyncs();
    world.vendor.faults.push({ method: 'createHook', error: new AppError('webhook_rejected', 'No.') });
    await world.run();
    expect(world.stored()).toMatchObject({ state: 'partial', errors: [{ code: 'webhook_rejected' }] });
  });

  it('is partial when it had to give up after a part was finished', async () => {
    const world = openSyncs();
    world.vendor.faults.push({ method: 'listHooks', error: new AppError('account_disabled', 'No.') });
    await world.run();
    expect(world.stored()).toMatchObject({ state: 'partial', finished: ['counts'], errors: [{ code: 'account_disabled' }] });
  });

  it('hands over when its time is up, and the continuation ends it', async () => {
    const world = openSyncs();
    await world.run(aMessage(), world.clock.now());
    expect(world.stored()).toMatchObject({ state: 'running', attempts: 0 });
    expect(world.sentFollowups).toEqual([{ followup: aMessage({ step: 1 }), delaySeconds: 1 }]);
    await world.run(aMessage({ step: 1 }));
    expect(world.stored()).toMatchObject({ state: 'succeeded', step: 1 });
    expect(world.stored().progress.done).toBe(world.stored().progress.total);
  });

  it('lets a bug of ours fail the message, and closes the run at the last try', async () => {
    const world = openSyncs();
    const bug = new TypeError('undefined is not a function');
    world.vendor.faults.push({ method: 'readAudiences', error: bug }, { method: 'readAudiences', error: bug });
    await expect(world.run()).rejects.toThrow(bug);
    expect(world.stored()).toMatchObject({ state: 'running', finishedAt: null });
    await expect(world.run(aMessage(), Infinity, true)).rejects.toThrow(bug);
    expect(world.stored()).toMatchObject({ state: 'failed', errors: [{ code: 'internal_error' }] });
    expect(world.runs.leases.size).toBe(0);
  });

  it('keeps audiences, their daily count and the tombstone of a vanished one', async () => {
    const world = openSyncs();
    const vanished = anAudience({ id: 'aud_gone', vendorId: 'gone' });
    world.audiences.records.push(vanished);
    await world.run();
    expect(world.audiences.records.find(({ id }) => id === 'aud_gone')?.vanishedAt).not.toBeNull();
    expect([...world.audiences.counts.keys()].map((key) => key.split('/')[1])).toEqual(['2026-09-21']);
  });
});
