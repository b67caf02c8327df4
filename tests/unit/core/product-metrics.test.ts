import { describe, expect, it } from '@jest/globals';
import { markDead } from '../../../src/core/connection/lose-connection.ts';
import { AppError } from '../../../src/core/shared/app-error.ts';
import { addFact } from '../../../src/core/suppression/suppress.ts';
import { countRun } from '../../../src/core/sync/count-run.ts';
import { derivedUlid, newRun, runIdOf } from '../../../src/core/sync/sync-run.ts';
import { aConnection, TENANT } from '../../support/factories.ts';
import { fakeHasher, fakeSuppressions } from '../../support/fake-suppressions.ts';
import { openConnected } from '../../support/open-connections.ts';
import { testMetrics } from '../../support/test-metrics.ts';

const at = (time: string): number => Date.parse(`2026-11-23T${time}:00.000Z`);

describe('a run that ends', () => {
  const endOf = (
    fired: string,
    ended: string,
    { trigger = 'schedule', state = 'succeeded' }: { trigger?: 'schedule' | 'manual'; state?: 'succeeded' | 'cancelled' } = {},
  ) => {
    const metrics = testMetrics();
    const runId = runIdOf('metrics', derivedUlid(at(fired), TENANT));
    const run = newRun(
      { runId, tenantId: TENANT, platform: 'mailchimp', task: 'metrics', trigger },
      new Date(at(fired)).toISOString(),
    );
    countRun({ metrics }, { ...run, startedAt: new Date(at(fired)).toISOString() }, state, at(ended));
    return metrics;
  };

  it('is counted by task and state, with how long it took', () => {
    const metrics = endOf('07:30', '07:34');
    expect(metrics.counted).toEqual([
      { metric: 'SyncRuns', dimensions: { task: 'metrics', state: 'succeeded' }, value: 1 },
      { metric: 'SyncRunDuration', dimensions: { task: 'metrics' }, value: 240_000 },
    ]);
  });

  it.each([
    ['fired at 07:30 and ended at 08:01: late', '07:30', '08:01', {}, 1],
    ['fired at 04:00 and ended at 08:00 sharp: in time', '04:00', '08:00', {}, 0],
    ['fired at 12:00 for nobody’s morning', '12:00', '12:40', {}, 0],
    ['fired at 08:00, for the next morning', '08:00', '08:40', {}, 0],
    ['started by a person', '07:30', '08:01', { trigger: 'manual' as const }, 0],
    ['cancelled, because another stands for it', '07:30', '08:01', { state: 'cancelled' as const }, 0],
  ])('is held against 08:00: %s', (_, fired, ended, how, late) => {
    expect(endOf(fired, ended, how).of('RunsEndedAfterEight')).toHaveLength(late);
  });
});

describe('a connection that goes bad', () => {
  it.each(['invalid_token', 'account_disabled'] as const)('is counted once, with its reason: %s', async (reason) => {
    const world = openConnected();
    const error = new AppError(reason, 'x');
    await markDead(world, aConnection(), error);
    await markDead(world, aConnection(), error);
    expect(world.metrics.of('ConnectionsLost', { reason })).toEqual([1]);
  });
});

describe('a fact about an address', () => {
  it('is counted by who told it, when it says something new', async () => {
    const metrics = testMetrics();
    const deps = { suppressions: fakeSuppressions(), hasher: fakeHasher, metrics };
    const fact = {
      kind: 'unsubscribe' as const,
      via: 'webhook' as const,
      platform: 'mailchimp' as const,
      audienceId: 'aud_1',
      campaignVendorId: null,
      at: '2026-09-20T10:00:00.000Z',
      vendorReason: null,
      actor: null,
    };
    await addFact(deps, TENANT, 'mona@harborlane.test', fact);
    await addFact(deps, TENANT, 'mona@harborlane.test', fact);
    expect(metrics.of('SuppressionFacts', { source: 'webhook' })).toEqual([1]);
  });
});
