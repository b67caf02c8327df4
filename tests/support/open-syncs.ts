import type { UsableConnection } from '../../src/core/connection/use-platform.ts';
import type { RunSyncDeps } from '../../src/core/sync/run-sync.ts';
import { runSync } from '../../src/core/sync/run-sync.ts';
import type { Followup, SyncMessage } from '../../src/core/sync/queue-messages.ts';
import type { SyncRun } from '../../src/core/sync/sync-run.ts';
import { makeTasks } from '../../src/core/sync/tasks.ts';
import { MINUTE } from '../../src/core/shared/clock.ts';
import { aConnection, TENANT } from './factories.ts';
import { fakeCampaigns } from './fake-campaigns.ts';
import { fakeLiveCounts } from './fake-live-counts.ts';
import { fakeHasher, fakeSuppressions } from './fake-suppressions.ts';
import { fakeReports } from './fake-syncs.ts';
import type { EmailPlatform } from '../../src/core/email-platform/email-platform.ts';
import type { FakeVendor } from './fake-platform.ts';
import { CONFIG, openConnected } from './open-connections.ts';

export const RUN_ID = 'sync_audiences-01J8B0000000000000000000RR';

export const aMessage = (change: Partial<SyncMessage> = {}): SyncMessage => ({
  kind: 'sync',
  tenantId: TENANT,
  platform: 'mailchimp',
  vendorUser: 'mailchimp-309914207',
  task: 'audiences',
  trigger: 'schedule',
  runId: RUN_ID,
  step: 0,
  ...change,
});

/** A worker of the sync queue over a connected tenant. */
export function openSyncs() {
  const base = openConnected();
  const followups: { followup: Followup; delaySeconds: number }[] = [];
  const stores = {
    ...base,
    config: CONFIG,
    campaigns: fakeCampaigns(),
    liveCounts: fakeLiveCounts(),
    reports: fakeReports(),
    suppressions: fakeSuppressions(),
    hasher: fakeHasher,
    followups: {
      send: (followup: Followup, delaySeconds: number): Promise<void> => {
        followups.push({ followup, delaySeconds });
        return Promise.resolve();
      },
    },
  };
  const deps: RunSyncDeps = {
    ...stores,
    openPlatform: ({ onCall }) => countingCalls(base.vendor, onCall),
    tasks: makeTasks(stores),
    random: () => 0.5,
  };
  const run = (message = aMessage(), deadlineMs = base.clock.now() + 4 * MINUTE): Promise<void> =>
    runSync(deps, message, deadlineMs);
  const stored = (runId = RUN_ID): SyncRun => {
    const found = base.runs.records.get(runId);
    if (!found) throw new Error(`There is no run ${runId}.`);
    return found;
  };
  return { ...stores, deps, sentFollowups: followups, run, stored };
}
/** The vendor, telling of each call that is begun. */
const countingCalls = (vendor: FakeVendor, onCall: (() => void) | undefined): EmailPlatform => {
  vendor.onCall = onCall;
  return vendor.platform;
};
export type SyncWorld = ReturnType<typeof openSyncs>;

export const usableConnection = (): UsableConnection => ({
  ...aConnection(),
  accountId: aConnection().accountId ?? '',
  vendorUser: aConnection().vendorUser ?? '',
  apiEndpoint: aConnection().apiEndpoint ?? '',
  tokenRef: aConnection().tokenRef ?? '',
});
