import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { reviveIfSilent } from '../../../../src/core/sync/look-after-run.ts';
import { startSync } from '../../../../src/core/sync/start-sync.ts';
import { MINUTE } from '../../../../src/core/shared/clock.ts';
import { aConnection, TENANT } from '../../../support/factories.ts';
import { aMessage, openSyncs, RUN_ID } from '../../../support/open-syncs.ts';

const request = { tenantId: TENANT, platform: 'mailchimp', task: 'audiences', trigger: 'manual' } as const;

describe('startSync', () => {
  it('queues one run and says which', async () => {
    const world = openSyncs();
    const runId = await startSync(world, request);
    expect(world.syncQueue.sent).toEqual([aMessage({ runId, trigger: 'manual' })]);
    expect(world.stored(runId)).toMatchObject({ state: 'queued', trigger: 'manual', task: 'audiences' });
  });

  it('gives twenty requests at once the same run', async () => {
    const world = openSyncs();
    const runIds = await Promise.all(Array.from({ length: 20 }, () => startSync(world, request)));
    expect(new Set(runIds).size).toBe(1);
    expect(world.syncQueue.sent).toHaveLength(1);
    expect(world.runs.records.size).toBe(1);
  });

  it('keeps the tasks apart', async () => {
    const world = openSyncs();
    await startSync(world, request);
    await startSync(world, { ...request, task: 'metrics' });
    expect(world.syncQueue.sent.map(({ task }) => task)).toEqual(['audiences', 'metrics']);
  });

  it('starts anew once the run is over, also when the run crashed before it let go', async () => {
    const world = openSyncs();
    const first = await startSync(world, request);
    world.runs.records.set(first, { ...world.stored(first), state: 'succeeded', finishedAt: '2026-09-21T06:00:01.000Z' });
    const second = await startSync(world, request);
    expect(second).not.toBe(first);
    expect(world.stored(second).state).toBe('queued');
  });

  it('takes the place of a request that crashed before its run was there, after a minute', async () => {
    const world = openSyncs();
    await world.runs.lease(TENANT, 'audiences', { runId: RUN_ID, untilMs: world.clock.now() + MINUTE });
    expect(await startSync(world, request)).toBe(RUN_ID);
    world.clock.advance(MINUTE + 1);
    expect(await startSync(world, request)).not.toBe(RUN_ID);
  });

  it('queues the message again of a request that crashed before it did, under the same id', async () => {
    const world = openSyncs();
    const first = await startSync(world, request);
    world.syncQueue.sent.length = 0;
    world.clock.advance(5 * MINUTE);
    expect(await startSync(world, request)).toBe(first);
    expect(world.syncQueue.sent).toEqual([]);
    world.clock.advance(1);
    const asked = await Promise.all(Array.from({ length: 20 }, () => startSync(world, request)));
    expect(new Set(asked)).toEqual(new Set([first]));
    expect(world.syncQueue.sent).toEqual([aMessage({ runId: first, trigger: 'manual' })]);
  });

  it('never ends a run that only waits in a long queue, however often somebody asks', async () => {
    const world = openSyncs();
    const first = await startSync(world, request);
    for (let asked = 0; asked < 19 * 60; asked++) {
      world.clock.advance(MINUTE);
      expect(await startSync(world, request)).toBe(first);
    }
    expect(world.stored(first).state).toBe('queued');
    // A copy of its message each quarter of an hour: they do no harm.
    expect(world.syncQueue.sent.length).toBeLessThanOrEqual(19 * 4 + 2);
    await world.run({ ...aMessage({ runId: first, trigger: 'manual' }) });
    expect(world.stored(first).state).toBe('succeeded');
  });

  it('leaves nothing half-done when the queue does not take the message', async () => {
    const world = openSyncs();
    const queue = { send: () => Promise.reject(new AppError('service_unavailable', 'Away.')) };
    await expect(startSync({ ...world, syncQueue: queue }, request)).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(world.runs.leases.size).toBe(0);
    expect([...world.runs.records.values()].map(({ state }) => state)).toEqual(['failed']);
    expect(await startSync(world, request)).toMatch(/^sync_audiences-/);
  });

  it('looks after a silent run when nobody wants its place, and has nothing to do with one that is heard', async () => {
    const world = openSyncs();
    const runId = await startSync(world, request);
    await reviveIfSilent(world, { tenantId: TENANT, task: 'audiences' });
    expect(world.syncQueue.sent).toHaveLength(1);
    world.clock.advance(5 * MINUTE + 1);
    await reviveIfSilent(world, { tenantId: TENANT, task: 'audiences' });
    expect(world.syncQueue.sent.map((message) => message.runId)).toEqual([runId, runId]);
    await reviveIfSilent(world, { tenantId: TENANT, task: 'metrics' });
    expect(world.syncQueue.sent).toHaveLength(2);
  });

  it('ends a run that is open although its task is free or another has it', async () => {
    const world = openSyncs();
    const runId = await startSync(world, request);
    world.runs.leases.clear();
    await reviveIfSilent(world, { tenantId: TENANT, task: 'audiences', runId });
    expect(world.stored(runId).state).toBe('queued');
    world.clock.advance(5 * MINUTE + 1);
    const next = await startSync(world, request);
    await reviveIfSilent(world, { tenantId: TENANT, task: 'audiences', runId });
    expect([world.stored(runId).state, world.stored(next).state]).toEqual(['cancelled', 'queued']);
  });

  it('ends a silent run when nothing is connected any more', async () => {
    const world = openSyncs();
    const runId = await startSync(world, request);
    world.connections.records.set(`${TENANT}/mailchimp`, aConnection({ status: 'disconnected' }));
    world.clock.advance(5 * MINUTE + 1);
    await reviveIfSilent(world, { tenantId: TENANT, task: 'audiences' });
    expect(world.stored(runId)).toMatchObject({ state: 'cancelled', errors: [{ code: 'not_connected' }] });
    expect(world.runs.leases.size).toBe(0);
  });

  it.each([
    ['disconnected', 'not_connected'],
    ['needs_reconnect', 'invalid_token'],
  ] as const)('refuses when %s, and holds no lease', async (status, code) => {
    const world = openSyncs();
    world.connections.records.set(`${TENANT}/mailchimp`, aConnection({ status }));
    await expect(startSync(world, request)).rejects.toMatchObject({ code });
    expect(world.runs.leases.size).toBe(0);
    expect(world.syncQueue.sent).toEqual([]);
  });
});
