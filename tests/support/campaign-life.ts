import { expect } from '@jest/globals';
import { vendorTitle, type Campaign } from '../../src/core/campaign/campaign.ts';
import { sweepClaims } from '../../src/core/campaign/claim.ts';
import { draftCampaign, type DraftInput } from '../../src/core/campaign/draft-campaign.ts';
import { deleteDraft, duplicateCampaign, editDraft, sendTest } from '../../src/core/campaign/edit-draft.ts';
import { readLedger } from '../../src/core/campaign/ledger.ts';
import { sendCampaign } from '../../src/core/campaign/send-campaign.ts';
import { undoSend } from '../../src/core/campaign/undo-send.ts';
import { collectMetrics } from '../../src/core/sync/collect-metrics.ts';
import type { TaskContext } from '../../src/core/sync/task-context.ts';
import { newRun } from '../../src/core/sync/sync-run.ts';
import { AppError, isAppError } from '../../src/core/shared/app-error.ts';
import { HOUR } from '../../src/core/shared/clock.ts';
import { Crash, startLife } from './crashes.ts';
import { anAudience, TENANT } from './factories.ts';
import type { Fault, Method } from './fake-platform.ts';
import { fakeLiveCounts } from './fake-live-counts.ts';
import { fakeReports } from './fake-syncs.ts';
import type { Deed, SendScript } from './fake-vendor-campaigns.ts';
import { aMessage, usableConnection } from './open-syncs.ts';
import { seeded } from './seeded.ts';
import { openCampaigns, type CampaignWorld } from './open-campaigns.ts';

const INPUT: DraftInput = { audienceId: anAudience().id, subject: 'Autumn loaves', html: '<p>Rye is back.</p>' };
const DEEDS: Deed[] = ['send', 'schedule', 'schedule', 'cancel', 'delete'];
const SCRIPTS: SendScript[] = ['accepted', 'accepted', 'sent-but-unknown', 'not-sent-but-unknown', 'busy', 'refused'];

/** Every way in which one call to the vendor goes wrong. */
export const FAULTS: readonly Omit<Fault, 'method'>[] = [
  { error: new AppError('vendor_unavailable', 'Mailchimp did not answer.'), when: 'before' },
  { error: new AppError('vendor_unavailable', 'Mailchimp did not answer.'), when: 'after' },
  { error: new AppError('vendor_unavailable', 'Mailchimp did not answer.'), when: 'late' },
  { error: new AppError('vendor_rate_limited', 'Mailchimp is busy.'), when: 'before' },
  { error: new AppError('vendor_rejected', 'Mailchimp answered 400.'), when: 'before' },
];

/** What may happen later than its answer: a second draft, a second mailing, an older text over a newer one. */
const MAY_BE_LATE: readonly Method[] = ['createCampaign', 'sendCampaign', 'updateCampaign', 'putContent'];
/** What the vendor may find wrong with an input of ours. The answers of a send are in its script. */
const MAY_BE_REFUSED: readonly Method[] = ['createCampaign', 'updateCampaign', 'putContent', 'sendTest'];
export const isOpenTo = (method: Method, { when, error }: Omit<Fault, 'method'>): boolean =>
  (when !== 'late' || MAY_BE_LATE.includes(method)) && (!isAppError(error, 'vendor_rejected') || MAY_BE_REFUSED.includes(method));

const quietly = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AppError || error instanceof Crash) return error;
    throw error;
  }
};

/** Everything comes to rest: no more crashes, no more faults, the queue runs empty, and the next sync sweeps. */
export async function rest(world: CampaignWorld): Promise<void> {
  world.vendor.faults.length = 0;
  world.vendor.chaos = () => undefined;
  world.vendor.campaigns.script.length = 0;
  for (let sync = 0; sync < 2; sync++) {
    await world.driver.drain();
    world.clock.advance(2 * HOUR);
    await sweepClaims(world.openProcess(), TENANT);
  }
  await world.driver.drain();
  // What the vendor does late has happened by now, and the next metrics run sees what people did there.
  await world.vendor.platform.verify();
  await lookLikeMetrics(world);
  await world.driver.drain();
}

/** The metrics run of a tenant, as far as it concerns campaigns. */
async function lookLikeMetrics(world: CampaignWorld): Promise<void> {
  const { clock, campaigns, vendor } = world;
  const message = aMessage({ task: 'metrics', runId: 'sync_metrics-01J8B0000000000000000000RR' });
  const context: TaskContext = {
    run: newRun(message, new Date(clock.now()).toISOString()),
    platform: vendor.platform,
    connection: usableConnection(),
    report: () => Promise.resolve(),
    finish: () => Promise.resolve(),
    keepPlace: () => Promise.resolve(),
    problem: () => undefined,
    outOfTime: () => false,
    mustHandOver: () => false,
    deadlineMs: Infinity,
  };
  const deps = { clock, campaigns, liveCounts: fakeLiveCounts(), reports: fakeReports(), log: world.log };
  // A look shows a planned sending begin, the next one its end.
  for (let look = 0; look < 3; look++) {
    clock.advance(HOUR);
    await collectMetrics(deps, context);
  }
}

/** What must hold then, whatever happened on the way. */
export async function expectOrder(world: CampaignWorld): Promise<void> {
  const { vendor, campaigns, contents, claims } = world;
  const records = [...campaigns.records.values()];
  expect([...claims.open.keys()]).toEqual([]);
  for (const campaign of records) await expectEnd(world, campaign);
  expect(world.driver.dead).toEqual([]);
  const held = new Map(records.flatMap((campaign) => (campaign.vendorId ? [[campaign.vendorId, campaign]] : [])));
  for (const [vendorId, { mailings, mailed, status, draft }] of vendor.campaigns.held) {
    const ours = held.get(vendorId);
    expect(mailings).toBeLessThanOrEqual(1);
    // No draft is left behind, neither a second one nor one of a campaign that is gone.
    if (status === 'save') expect(`${draft.title} is ${ours ? 'held' : 'left behind'}`).toMatch(/held$/);
    // Whatever was mailed is known as sent, and what we had mailed is what the record says. Without a record here it is a
    // campaign of the vendor's, which the reports bring in.
    if (mailed && (ours || !mailed.bySomebodyElse)) expect(ours).toMatchObject({ status: 'sent' });
    if (mailed && !mailed.bySomebodyElse) {
      const hash = ours?.content?.kind === 'html' ? ours.content.sha256 : '';
      expect(mailed.draft.subject).toBe(ours?.subject);
      expect(mailed.content).toEqual({ html: contents.stored.get(`${ours?.id}/${hash}`) });
    }
  }
  const ids = records.map(({ id }) => id);
  expect([...contents.stored.keys()].filter((key) => !ids.some((id) => key.startsWith(`${id}/`)))).toEqual([]);
}

async function expectEnd(world: CampaignWorld, campaign: Campaign): Promise<void> {
  expect(campaign).toMatchObject({ send: null });
  if (campaign.operation) expect(campaign.operation.endedAt).not.toBeNull();
  expect(['draft', 'sent', 'error']).toContain(campaign.status);
  const vendor = world.vendor.campaigns.held.get(campaign.vendorId ?? '');
  if (campaign.status === 'draft') {
    expect(campaign).toMatchObject({ synced: true, error: null });
    expect(vendor?.draft).toMatchObject({ subject: campaign.subject });
    expect(['save', 'schedule']).toContain(vendor?.status);
  }
  if (campaign.status === 'sent') expect(vendor).toMatchObject({ mailings: 1 });
  if (campaign.status === 'error') expect(campaign.error).not.toBeNull();
  if (vendor) expect(vendor.draft.title.startsWith(vendorTitle({ ...campaign, subject: '' }))).toBe(true);
  const ledger = await readLedger(world, campaign);
  expect(ledger.length).toBeGreaterThan(0);
  // An operation without an end was overtaken: it is never the last one that changed the campaign.
  const changes = ledger.filter(({ kind }) => kind !== 'test');
  const latest = changes
    .map(({ startedAt }) => startedAt)
    .sort()
    .at(-1);
  expect(changes.filter(({ startedAt, endedAt }) => startedAt === latest && endedAt !== null)).not.toEqual([]);
}

export interface Life {
  seed: number;
  /** How likely the process ends at any one awaited call, 0 to 1. */
  crashRate: number;
  /** How likely any one vendor call goes wrong, 0 to 1. */
  faultRate: number;
  undoWindowSeconds: number;
  /** Whether people also act in the vendor's dashboard; then it refuses, like the real one, what a state does not allow. */
  dashboard: boolean;
}

/** One tenant does what people do, while everything may go wrong at every moment; then all comes to rest. */
export async function liveThrough({ seed, crashRate, faultRate, undoWindowSeconds, dashboard }: Life): Promise<CampaignWorld> {
  const random = seeded(seed);
  const calm = { yet: false };
  /** Idempotency-Keys that were used. */
  const begun = new Set<string>();
  const world = openCampaigns({
    random,
    settings: { undoWindowSeconds },
    startProcess: () => startLife(() => (calm.yet || random() >= crashRate ? null : random() < 0.5 ? 'before' : 'after')),
  });
  world.vendor.campaigns.strict = dashboard;
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  world.vendor.chaos = (method) => {
    const fault = random() < faultRate ? pick(FAULTS) : undefined;
    return fault && isOpenTo(method, fault) ? fault : undefined;
  };
  for (let step = 0; step < 7; step++) {
    const script = pick(SCRIPTS);
    if (script) world.vendor.campaigns.script.push(script);
    const id = pick([...world.campaigns.records.keys()]) ?? '';
    await quietly(act(world, random, begun, id, pick));
    const deed = dashboard && random() < 0.3 ? pick(DEEDS) : undefined;
    if (deed) world.vendor.campaigns.dashboard(pick([...world.vendor.campaigns.held.keys()]) ?? '', deed);
    if (random() < 0.5) world.clock.advance(Math.floor(random() * 400_000));
    await world.driver.deliverDue();
  }
  calm.yet = true;
  await rest(world);
  return world;
}

function act(
  world: CampaignWorld,
  random: () => number,
  begun: Set<string>,
  id: string,
  pick: <T>(items: readonly T[]) => T | undefined,
): Promise<unknown> {
  const open = world.openProcess;
  const choice = id === '' ? 0 : Math.floor(random() * 9);
  if (choice === 0) return draftCampaign(open(), TENANT, INPUT);
  if (choice === 1)
    return draftAgain(world, begun, pick(['01M318SGR0K9FBA1RA9JEDN3VY', '01M318SGR0K9FBA1RA9JEDN3VZ']) ?? '', random() < 0.6);
  const word = `Loaves ${Math.floor(random() * 1e6)}`;
  if (choice === 2) return editDraft(open(), TENANT, id, { subject: word, ...(random() < 0.5 && { html: `<p>${word}</p>` }) });
  if (choice === 3) return deleteDraft(open(), TENANT, id);
  if (choice === 4) return sendTest(open(), TENANT, id, ['ines@harborlane.test']);
  if (choice === 5) return duplicateCampaign(open(), TENANT, id);
  if (choice === 6) return undoSend(open(), TENANT, id);
  const clicks = choice === 7 ? 1 : 3;
  return Promise.allSettled(Array.from({ length: clicks }, () => sendCampaign(open(), TENANT, id)));
}

/** A request with an Idempotency-Key, and its repetition after a fault of ours. */
async function draftAgain(world: CampaignWorld, begun: Set<string>, ulid: string, repeats: boolean): Promise<void> {
  for (let request = 0; request < (repeats ? 2 : 1); request++) {
    const isRepeat = begun.has(ulid);
    begun.add(ulid);
    await quietly(draftCampaign(world.openProcess(), TENANT, INPUT, { operation: { ulid, isRepeat } }));
  }
}

/** Lives of growing trouble, one per seed, each checked when it has come to rest. @returns how many mailings there were */
export async function liveMany(seeds: readonly number[], lifeOf: (seed: number) => Omit<Life, 'seed'>): Promise<number> {
  let mailed = 0;
  for (const seed of seeds) {
    try {
      const world = await liveThrough({ seed, ...lifeOf(seed) });
      await expectOrder(world);
      mailed += world.vendor.campaigns.mailings();
    } catch (error) {
      throw new Error(`Seed ${seed}`, { cause: error });
    }
  }
  return mailed;
}

/** A run of numbers, from the first on. */
export const seedsFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, index) => first + index);
