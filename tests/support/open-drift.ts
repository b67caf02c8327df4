import { toAudience } from '../../src/core/audience/audience.ts';
import { MINUTE, toIso } from '../../src/core/shared/clock.ts';
import { runSync } from '../../src/core/sync/run-sync.ts';
import { makeTasks } from '../../src/core/sync/tasks.ts';
import { readDrift } from '../../src/core/suppression/read-drift.ts';
import { receiveDelivery } from '../../src/core/webhook/receive-delivery.ts';
import { Crash, planCrash, type CrashPlan, type Wrap } from './crashes.ts';
import { aConnection, aHook, TENANT } from './factories.ts';
import { aVendorAudience } from './fake-platform.ts';
import { fakeQuarantine } from './fake-quarantine.ts';
import { aMessage, openSyncs } from './open-syncs.ts';

const OWNER = { tenantId: TENANT, platform: 'mailchimp' as const, accountId: aConnection().accountId ?? '' };
export const AUDIENCE = toAudience(OWNER, aVendorAudience(), '2026-09-01T00:00:00.000Z');
export const emailOf = (person: number): string => `p${person}@x.test`;

export type Kind = 'unsubscribe' | 'complaint';

/**
 * A tenant with one hooked audience that was read once; the vendor delivers when told to, and both sides live through
 * crashes. Whoever complains is unsubscribed as well.
 */
export async function openDrift() {
  const world = openSyncs();
  world.runs.cursors.clear();
  const hook = aHook('right', { audienceId: AUDIENCE.id, createdAt: toIso(world.clock.now() - MINUTE) });
  world.hooks.records.set(hook.secretHash, hook);
  const changes = new Map<string, string>();
  let runs = 0;

  const show = (person: number, kind: Kind | 'bounce', at: string): void => {
    world.vendor.departures.push({ email: emailOf(person), kind, campaignVendorId: null, at, vendorReason: null });
  };
  const depart = (person: number, kind: Kind = 'unsubscribe'): void => {
    if (changes.has(`${person} ${kind}`)) return;
    const at = toIso(world.clock.now());
    changes.set(`${person} ${kind}`, at);
    show(person, kind, at);
    if (kind === 'complaint' && !changes.has(`${person} unsubscribe`)) show(person, 'unsubscribe', at);
  };
  /** Any change of the profile moves the vendor's time. */
  const edit = (person: number): void => {
    for (const departure of world.vendor.departures)
      if (departure.email === emailOf(person) && departure.kind !== 'complaint') departure.at = toIso(world.clock.now());
  };
  const deliverOnce = async (person: number, kind: Kind, wrap: Wrap): Promise<unknown> =>
    receiveDelivery(
      {
        ...world,
        quarantine: fakeQuarantine(world.clock),
        deploymentId: '0a1b2c3d4e',
        suppressions: wrap(world.suppressions),
        untold: wrap(world.untold),
        hookActivity: wrap(world.hookActivity),
        webhookAdapter: {
          verify: () => 'good',
          sketch: () => ({ bytes: 0, fields: [], otherFields: 0 }),
          parse: () => ({
            kind: 'departed',
            email: emailOf(person),
            audienceVendorId: null,
            reason: kind,
            campaignVendorId: person % 2 === 0 ? null : 'vc1',
            at: changes.get(`${person} ${kind}`) ?? null,
            vendorReason: 'manual',
          }),
        },
      },
      { secret: 'right', hookId: hook.hookId, rawBody: Buffer.from(''), signature: undefined, receivedAtMs: 0 },
    );
  /** What was not acknowledged is delivered again. */
  const deliver = async (person: number, kind: Kind = 'unsubscribe', plan?: CrashPlan): Promise<void> => {
    if (!changes.has(`${person} ${kind}`)) return;
    const crashes = planCrash(plan ?? { at: 0, when: 'before' });
    const once = () => deliverOnce(person, kind, crashes.startProcess());
    await once().catch(once);
  };
  const sync = async (plan?: CrashPlan): Promise<void> => {
    const crashes = planCrash(plan ?? { at: 0, when: 'before' });
    const message = aMessage({
      task: 'suppressions',
      runId: `sync_suppressions-01J8B0000000000000000${String(++runs).padStart(5, '0')}`,
    });
    const process = (): Promise<void> => {
      const wrap = crashes.startProcess();
      const stores = { ...world, suppressions: wrap(world.suppressions), untold: wrap(world.untold), runs: wrap(world.runs) };
      return runSync({ ...world.deps, tasks: makeTasks(stores) }, message, Infinity);
    };
    await process().catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
      return process();
    });
  };
  const report = (days = 30) => readDrift({ ...world, platforms: ['mailchimp'] }, TENANT, days);
  await sync();
  world.clock.advance(MINUTE);
  return { world, hook, depart, edit, show, deliver, sync, report, changes };
}
