import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { DAY, MINUTE, toIso } from '../src/core/shared/clock.ts';
import type { RunSyncDeps } from '../src/core/sync/run-sync.ts';
import { derivedUlid, runIdOf, type Task } from '../src/core/sync/sync-run.ts';
import { workOnMessage } from '../src/core/sync/work-on-message.ts';
import { makeTasks } from '../src/core/sync/tasks.ts';
import { makeAudienceStore, makeAutomationStore, makeTemplateStore } from '../src/storage/audience-store.ts';
import { makeCampaignStore } from '../src/storage/campaign-store.ts';
import { makeClaimStore } from '../src/storage/claim-store.ts';
import { makeConnectionStore } from '../src/storage/connection-store.ts';
import { makeErasureStore } from '../src/storage/erasure-store.ts';
import { makeHookActivityStore } from '../src/storage/hook-activity-store.ts';
import { makeHookStore } from '../src/storage/hook-store.ts';
import { makeLiveCountStore } from '../src/storage/live-count-store.ts';
import { makeAddressHasher } from '../src/storage/pepper.ts';
import { makeReportStore } from '../src/storage/report-store.ts';
import { makeSuppressionStore } from '../src/storage/suppression-store.ts';
import { makeSyncRunStore } from '../src/storage/sync-run-store.ts';
import { Table } from '../src/storage/table.ts';
import { makeUntoldStore } from '../src/storage/untold-store.ts';
import { aConnection, aVendorReport } from '../tests/support/factories.ts';
import { aVendorAudience } from '../tests/support/fake-platform.ts';
import { aMessage, openSyncs } from '../tests/support/open-syncs.ts';
import { createTable } from '../tests/support/open-table.ts';
import { meterOf, type Meter } from './table-meter.ts';

/**
 * Prints what a scheduled run costs a tenant for whom nothing changes at the vendor, as the mean of a week: calls of the
 * platform, requests and units of the table as the engine counts them. Through the real stores, on the embedded engine; with
 * the sweeps that a worker makes before a run. The same on every machine.
 *
 * Per audience 20 people who left, 10 campaigns of which 2 are younger than 90 days, 5 templates; 3 automations in all.
 */
const SCHEDULED = ['suppressions', 'audiences', 'metrics', 'automations'] as const satisfies readonly Task[];
const CAMPAIGNS = 10;
const YOUNG = 2;
/** The first brings everything; the last seven are a week, in which each list is read as a whole once. */
const DAYS = 9;

const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = server.address();
if (typeof address !== 'object' || !address) throw new Error('The engine has no port.');
const makeClient = (): DynamoDBClient =>
  new DynamoDBClient({
    endpoint: `http://127.0.0.1:${address.port}`,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

function openTenant(tableName: string, audiences: number) {
  const world = openSyncs();
  const documents = DynamoDBDocumentClient.from(makeClient(), { marshallOptions: { removeUndefinedValues: true } });
  const meter = meterOf(documents);
  const table = new Table(documents, tableName);
  const pepper = () => Promise.resolve({ pepper: 'a pepper of at least thirty-two characters' });
  const { vendor, clock } = world;
  const stores = {
    ...world,
    connections: makeConnectionStore(table),
    audiences: makeAudienceStore(table),
    templates: makeTemplateStore(table),
    automations: makeAutomationStore(table),
    hooks: makeHookStore(table),
    hookActivity: makeHookActivityStore(table, clock),
    untold: makeUntoldStore(table),
    runs: makeSyncRunStore(table),
    campaigns: makeCampaignStore(table),
    claims: makeClaimStore(table),
    erasures: makeErasureStore(table, pepper),
    liveCounts: makeLiveCountStore(table),
    reports: makeReportStore(table),
    suppressions: makeSuppressionStore(table),
    hasher: makeAddressHasher(pepper),
  };
  vendor.audiences = Array.from({ length: audiences }, (_, index) => aVendorAudience({ vendorId: `list${index}` }));
  vendor.templates = Array.from({ length: 5 }, (_, index) => ({
    vendorId: String(index),
    name: `Template ${index}`,
    type: 'user',
    createdAt: toIso(clock.now()),
  }));
  const counts = { emailsSent: 10, opens: 5, uniqueOpens: 4, clicks: 3, uniqueClicks: 2 };
  vendor.automations = ['a', 'b', 'c'].map((vendorId) => ({ vendorId, name: 'Welcome', status: 'sending', ...counts }));
  vendor.departures = Array.from({ length: 20 }, (_, index) => ({
    email: `reader${index}@readers.test`,
    kind: index % 4 === 0 ? ('bounce' as const) : ('unsubscribe' as const),
    campaignVendorId: null,
    at: toIso(clock.now() - (30 + index) * DAY),
    vendorReason: null,
  }));
  vendor.reports = Array.from({ length: CAMPAIGNS * audiences }, (_, index) => {
    const daysAgo = index % CAMPAIGNS < YOUNG ? 20 + index : 200 + index;
    // As long as a recorded report.
    const raw = { id: `c${index}`, note: 'x'.repeat(1_000) };
    return aVendorReport({ campaignVendorId: `c${index}`, sentAt: toIso(clock.now() - daysAgo * DAY), raw });
  });
  const deps: RunSyncDeps = { ...stores, openPlatform: () => vendor.platform, tasks: makeTasks(stores), random: () => 0.5 };
  const run = async (task: Task): Promise<void> => {
    const { tenantId, platform, vendorUser } = aConnection();
    const runId = runIdOf(task, derivedUlid(clock.now(), task));
    const message = aMessage({ task, tenantId, platform, vendorUser: vendorUser ?? '', runId });
    await workOnMessage({ ...stores, ...deps }, message, clock.now() + 4 * MINUTE);
    const state = (await stores.runs.get(tenantId, runId))?.state;
    if (state !== 'succeeded') throw new Error(`The ${task} run ended as ${state}.`);
  };
  return { stores, vendor, clock, meter, run };
}

async function measure(audiences: number): Promise<void> {
  const tableName = `tenant-with-${audiences}`;
  await createTable(makeClient(), tableName);
  const tenant = openTenant(tableName, audiences);
  await tenant.stores.connections.save(aConnection({ version: 0 }));
  const rows: Record<string, Record<string, number>> = Object.fromEntries(SCHEDULED.map((task) => [task, {}]));
  for (let day = 1; day <= DAYS; day++) {
    for (const task of SCHEDULED) {
      tenant.vendor.calls.length = 0;
      tenant.meter.reset();
      await tenant.run(task);
      const cost = { 'platform calls': tenant.vendor.calls.length, ...costOf(tenant.meter) };
      const row = rows[task] ?? {};
      if (day > DAYS - 7) for (const [name, value] of Object.entries(cost)) row[name] = (row[name] ?? 0) + value / 7;
    }
    tenant.clock.advance(DAY);
  }
  for (const row of Object.values(rows)) for (const [name, value] of Object.entries(row)) row[name] = Number(value.toFixed(1));
  console.log(`\nA tenant with ${audiences} audience${audiences > 1 ? 's' : ''}, nothing changed, per run:`);
  console.table(rows);
}

/** Without the look at the run's end, which only the bench takes. */
const costOf = (meter: Meter): Record<string, number> => {
  const { reads, writes, readUnits, writeUnits } = meter.read();
  return { 'read requests': reads - 1, 'write requests': writes, RCU: readUnits - 1, WCU: writeUnits };
};

await measure(1);
await measure(5);
process.exit(0);
