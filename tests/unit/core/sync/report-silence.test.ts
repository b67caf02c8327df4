import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { toIso } from '../../../../src/core/shared/clock.ts';
import { reportSilence } from '../../../../src/core/sync/report-silence.ts';
import type { Followup } from '../../../../src/core/sync/queue-messages.ts';
import { closed, newRun, type SyncRun } from '../../../../src/core/sync/sync-run.ts';
import { aMessage } from '../../../support/open-syncs.ts';
import { testLog } from '../../../support/test-log.ts';
import { testClock } from '../../../support/test-clock.ts';

const asked = async (change: (run: SyncRun, now: number) => SyncRun, fault?: Error) => {
  const log = testLog();
  const clock = testClock();
  const now = clock.now();
  const run = change(newRun(aMessage(), toIso(now)), now);
  const followups: { followup: Followup; delaySeconds: number }[] = [];
  const send = (followup: Followup, delaySeconds: number): Promise<void> => {
    if (fault) return Promise.reject(fault);
    followups.push({ followup, delaySeconds });
    return Promise.resolve();
  };
  await reportSilence({ clock, log, followups: { send } }, run);
  return { run, followups, lines: log.lines };
};

describe('a run that somebody asks about', () => {
  it('is looked after when it was silent for too long', async () => {
    const { run, followups } = await asked((one, now) => ({ ...one, silentUntilMs: now - 1 }));
    const { tenantId, task, runId } = run;
    expect(followups).toEqual([{ followup: { kind: 'revive-sync', tenantId, task, runId }, delaySeconds: 0 }]);
  });

  it('is shown although the queue is away, which is logged', async () => {
    const away = new AppError('service_unavailable', 'The queue is away.');
    const { run, lines } = await asked((one, now) => ({ ...one, silentUntilMs: now - 1 }), away);
    const { tenantId, task, runId } = run;
    const fields = { tenantId, task, runId, reason: expect.stringContaining('service_unavailable') };
    expect(lines).toEqual([{ level: 'warn', event: 'sync.silence_not_reported', fields }]);
  });

  it('is left alone while it may still be silent', async () => {
    expect((await asked((one, now) => ({ ...one, silentUntilMs: now }))).followups).toEqual([]);
  });

  it('is left alone when it is over', async () => {
    const { followups } = await asked((one, now) => ({ ...closed(one, 'failed', now), silentUntilMs: now - 1 }));
    expect(followups).toEqual([]);
  });
});
