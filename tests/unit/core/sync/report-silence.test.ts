import { describe, expect, it } from '@jest/globals';
import { toIso } from '../../../../src/core/shared/clock.ts';
import { reportSilence } from '../../../../src/core/sync/report-silence.ts';
import { closed, newRun, type Followup, type SyncRun } from '../../../../src/core/sync/sync-run.ts';
import { aMessage } from '../../../support/open-syncs.ts';
import { testClock } from '../../../support/test-clock.ts';

const asked = async (change: (run: SyncRun, now: number) => SyncRun) => {
  const clock = testClock();
  const now = clock.now();
  const run = change(newRun(aMessage(), toIso(now)), now);
  const followups: { followup: Followup; delaySeconds: number }[] = [];
  const send = (followup: Followup, delaySeconds: number): Promise<void> => {
    followups.push({ followup, delaySeconds });
    return Promise.resolve();
  };
  await reportSilence({ clock, followups: { send } }, run);
  return { run, followups };
};

describe('a run that somebody asks about', () => {
  it('is looked after when it was silent for too long', async () => {
    const { run, followups } = await asked((one, now) => ({ ...one, silentUntilMs: now - 1 }));
    const { tenantId, task, runId } = run;
    expect(followups).toEqual([{ followup: { kind: 'revive-sync', tenantId, task, runId }, delaySeconds: 0 }]);
  });

  it('is left alone while it may still be silent', async () => {
    expect((await asked((one, now) => ({ ...one, silentUntilMs: now }))).followups).toEqual([]);
  });

  it('is left alone when it is over', async () => {
    const { followups } = await asked((one, now) => ({ ...closed(one, 'failed', now), silentUntilMs: now - 1 }));
    expect(followups).toEqual([]);
  });
});
