import { describe, expect, it } from '@jest/globals';
import { giveUpRun } from '../../../../src/core/sync/give-up-run.ts';
import { redriveMessage } from '../../../../src/core/sync/redrive-message.ts';
import { newRun } from '../../../../src/core/sync/sync-run.ts';
import { aMessage, openSyncs, RUN_ID } from '../../../support/open-syncs.ts';

const QUEUED_AT = '2026-03-01T04:00:00.000Z';

describe('a run whose message is given up', () => {
  it('ends as failed, wherever the fault was, and lets go of its task', async () => {
    const syncs = openSyncs();
    await syncs.runs.lease(aMessage().tenantId, 'audiences', { runId: RUN_ID, untilMs: syncs.clock.now() + 60_000 });
    await giveUpRun(syncs, aMessage());
    expect(syncs.stored()).toMatchObject({
      state: 'failed',
      finishedAt: expect.any(String),
      errors: [{ code: 'internal_error' }],
    });
    expect(syncs.runs.leases.size).toBe(0);
  });

  it('keeps the end that it has, and a later step that goes on with it', async () => {
    const syncs = openSyncs();
    const over = { ...newRun(aMessage(), QUEUED_AT), state: 'partial' as const, finishedAt: QUEUED_AT };
    const later = { ...newRun(aMessage(), QUEUED_AT), state: 'running' as const, step: 2 };
    for (const run of [over, later]) {
      syncs.runs.records.set(RUN_ID, run);
      await giveUpRun(syncs, aMessage({ step: 1 }));
      expect(syncs.stored()).toEqual(run);
    }
  });

  it('is followed by a run of its own when the message is redriven', async () => {
    const syncs = openSyncs();
    await giveUpRun(syncs, aMessage());
    await syncs.run(aMessage({ step: 1 }));
    expect(syncs.stored().state).toBe('failed');
    const again = redriveMessage(aMessage({ step: 1 }), { messageId: 'message-1', failedAt: syncs.clock.now() });
    await syncs.run(again);
    expect(syncs.stored(again.runId)).toMatchObject({ state: 'succeeded', task: 'audiences', trigger: 'schedule' });
    expect(syncs.stored().state).toBe('failed');
  });
});
