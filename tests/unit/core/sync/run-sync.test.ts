import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { MINUTE, SECOND } from '../../../../src/core/shared/clock.ts';
import { newRun, SILENCE_MS, type SyncRun } from '../../../../src/core/sync/sync-run.ts';
import { anAudience, TENANT } from '../../../support/factories.ts';
import { aMessage, openSyncs, RUN_ID, type SyncWorld } from '../../../support/open-syncs.ts';

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

  const OTHER = 'sync_audiences-01J8B0000000000000000000QQ';
  const anOtherRun = (world: SyncWorld, change: Partial<SyncRun> = {}): Promise<unknown> => {
    const other = newRun(aMessage({ runId: OTHER }), new Date(world.clock.now()).toISOString());
    world.runs.records.set(OTHER, { ...other, state: 'running', silentUntilMs: world.clock.now() + SILENCE_MS, ...change });
    return world.runs.lease(TENANT, 'audiences', { runId: OTHER, untilMs: world.clock.now() + MINUTE });
  };

  it('gives way to another run of the same task', async () => {
    const world = openSyncs();
    await anOtherRun(world);
    await world.run();
    expect(world.stored()).toMatchObject({ state: 'cancelled', counts: { skippedForOtherRun: 1 } });
    expect(world.vendor.calls).toEqual([]);
    expect(world.runs.leases.get(`${TENANT}/audiences`)?.runId).toBe(OTHER);
    expect(world.syncQueue.sent).toEqual([]);
    // Should that one be dying just now, somebody looks again when it should have been heard.
    const look = { kind: 'revive-sync', tenantId: TENANT, task: 'audiences', runId: OTHER };
    expect(world.sentFollowups).toEqual([{ followup: look, delaySeconds: 900 }]);
  });

  it('has a run go on that fell silent, where it stands, and gives way to it', async () => {
    const world = openSyncs();
    await anOtherRun(world, { step: 4 });
    world.clock.advance(SILENCE_MS + 1);
    await world.run();
    expect(world.stored().state).toBe('cancelled');
    expect(world.syncQueue.sent).toEqual([aMessage({ runId: OTHER, step: 4 })]);
    await world.run(aMessage({ runId: OTHER, step: 4 }));
    expect(world.stored(OTHER)).toMatchObject({ state: 'succeeded', step: 4 });
    expect(world.runs.leases.size).toBe(0);
  });

  it('takes the place of a run that was lost for a day, so that no day goes without one', async () => {
    const world = openSyncs();
    await anOtherRun(world, { progress: { done: 5, total: 9 } });
    world.clock.advance(24 * 60 * MINUTE);
    await world.run();
    expect(world.stored(OTHER)).toMatchObject({ state: 'partial', errors: [{ code: 'sync_incomplete' }] });
    expect(world.stored().state).toBe('succeeded');
  });

  it('takes the place of a run that fell silent again and again without getting further', async () => {
    const world = openSyncs();
    await anOtherRun(world, { deaths: 3, isClaimed: true });
    world.clock.advance(SILENCE_MS + 1);
    await world.run();
    expect(world.stored(OTHER)).toMatchObject({ state: 'failed', errors: [{ code: 'sync_incomplete' }] });
    expect(world.stored().state).toBe('succeeded');
    expect(world.syncQueue.sent).toEqual([]);
  });

  it.each([
    ['is over but did not let go', { state: 'succeeded', finishedAt: AT } as const],
    ['never came to be', undefined],
  ])('takes the place of a run that %s', async (_, change) => {
    const world = openSyncs();
    await anOtherRun(world, change);
    if (!change) world.runs.records.delete(OTHER);
    world.clock.advance(MINUTE + 1);
    await world.run();
    expect(world.stored().state).toBe('succeeded');
    expect(world.runs.leases.size).toBe(0);
  });

  it('waits outside the queue while the vendor is busy, never longer than a minute, and gives up after an hour', async () => {
    const world = openSyncs();
    world.deps.random = () => 0.999_999;
    const delays: number[] = [];
    for (let step = 0; step < 120; step++) {
      world.vendor.faults.push({ method: 'readAudiences', error: busy() });
      await world.run(aMessage({ step }));
      const wakeUp = world.sentFollowups.at(-1);
      expect(wakeUp?.followup).toEqual(aMessage({ step: step + 1 }));
      expect(world.stored()).toMatchObject({ state: 'running', finishedAt: null, attempts: step + 1, calls: step + 1 });
      expect(world.stored().step).toBe(step + 1);
      delays.push(wakeUp?.delaySeconds ?? 0);
      expect(world.stored().silentUntilMs).toBe(world.clock.now() + (wakeUp?.delaySeconds ?? 0) * SECOND + SILENCE_MS);
    }
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
    expect(Math.max(...delays)).toBeLessThanOrEqual(60);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(1);
    world.vendor.faults.push({ method: 'readAudiences', error: busy() });
    await world.run(aMessage({ step: 120 }));
    expect(world.stored()).toMatchObject({ state: 'failed', errors: [{ code: 'vendor_rate_limited' }] });
    expect(world.sentFollowups).toHaveLength(120);
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

  it('lets a bug of ours fail the message, and works on it again when it comes back', async () => {
    const world = openSyncs();
    const bug = new TypeError('undefined is not a function');
    world.vendor.faults.push({ method: 'readAudiences', error: bug });
    await expect(world.run()).rejects.toThrow(bug);
    expect(world.stored()).toMatchObject({ state: 'running', finishedAt: null });
    await world.run();
    expect(world.stored()).toMatchObject({ state: 'succeeded', errors: [] });
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
