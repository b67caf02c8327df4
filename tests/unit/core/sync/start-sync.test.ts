import { describe, expect, it } from '@jest/globals';
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

  it('takes the place of a request that crashed before its run was queued, after five minutes', async () => {
    const world = openSyncs();
    await world.runs.lease(TENANT, 'audiences', RUN_ID, world.clock.now(), world.clock.now() + 5 * MINUTE);
    expect(await startSync(world, request)).toBe(RUN_ID);
    world.clock.advance(5 * MINUTE + 1);
    expect(await startSync(world, request)).not.toBe(RUN_ID);
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
