import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { DAY, HOUR, MINUTE, SECOND, toIso } from '../../../../src/core/shared/clock.ts';
import { hookIdIn, hookUrl } from '../../../../src/core/webhook/hook-id.ts';
import { isHeard, type Hook } from '../../../../src/core/webhook/hook.ts';
import { answerProbe } from '../../../../src/core/webhook/receive-delivery.ts';
import { reconcileHooks } from '../../../../src/core/webhook/reconcile-hooks.ts';
import { renewHooks } from '../../../../src/core/webhook/renew-hooks.ts';
import { planCrash } from '../../../support/crashes.ts';
import { aConnection, aHook, anAudience, aUsableConnection, TENANT } from '../../../support/factories.ts';
import { CONFIG } from '../../../support/open-connections.ts';
import { AUDIENCE, FOREIGN, openHooks } from '../../../support/open-hooks.ts';
import { openIntake } from '../../../support/open-intake.ts';

const others = Array.from({ length: 6 }, (_, index) =>
  anAudience({ id: `aud_01J8B0000000000000000000B${index}`, vendorId: `list${index}` }),
);

describe('hooks that are older than an operator wants them', () => {
  it('are made anew, each before the old one goes, and once', async () => {
    const { world, made, reconcile, known, replaced, vendorOf } = openHooks({ audiences: others });
    const before = toIso(world.clock.now());
    world.clock.advance(SECOND);
    expect(await reconcile({ renewHooksBefore: before })).toMatchObject({ found: { outworn: 6 }, created: 6, removed: 6 });
    const order = world.vendor.calls.filter(({ args }) => args[0] === 'list3').map(({ method }) => method);
    expect(order).toEqual(['listHooks', 'createHook', 'deleteHook']);
    expect(known().map(({ secretHash }) => secretHash)).not.toEqual(expect.arrayContaining(made.map((one) => one.secretHash)));
    expect(known()).toHaveLength(6);
    expect(replaced().map(({ secretHash }) => secretHash)).toEqual(made.map(({ secretHash }) => secretHash));
    expect(vendorOf(2)).toHaveLength(1);
    expect(world.vendor.hooks.get('list2')).toEqual(expect.arrayContaining(FOREIGN));
    expect(await reconcile({ renewHooksBefore: before })).toMatchObject({ created: 0, removed: 0 });
  });

  it('are done with once a new one works beside them, as a crash may leave it', async () => {
    const { world, made, reconcile, known, replaced, vendorOf } = openHooks();
    const before = toIso(world.clock.now());
    world.clock.advance(SECOND);
    const [old] = made;
    const fresh = aHook('fresh', {
      vendorId: 'vh-new',
      signingSecret: 'new',
      createdAt: toIso(world.clock.now()),
      hookId: `${aHook('x').hookId}9`,
    });
    world.hooks.records.set(fresh.secretHash, fresh);
    const there = world.vendor.hooks.get(AUDIENCE.vendorId) ?? [];
    const url = hookUrl(CONFIG, fresh.hookId, 'fresh');
    world.vendor.hooks.set(AUDIENCE.vendorId, [...there, { vendorId: 'vh-new', url, signed: true, flagsRight: true }]);
    expect(await reconcile({ renewHooksBefore: before })).toMatchObject({ created: 0, removed: 1 });
    expect(known()).toEqual([fresh]);
    expect(vendorOf().map(({ vendorId }) => vendorId)).toEqual(['vh-new']);
    // Its stragglers are heard as well.
    expect(replaced()).toMatchObject([{ secretHash: old?.secretHash }]);
  });

  it('queue no catching up, because nothing was lost', async () => {
    const { world, reconcile } = openHooks();
    await reconcile({ renewHooksBefore: toIso(world.clock.now()) });
    expect(world.followups.pending).toEqual([]);
  });

  it('keep their signature when the vendor would not sign the new one', async () => {
    const { world, made, reconcile, known, vendorOf } = openHooks();
    world.vendor.signingSecret = null;
    const at = toIso(world.clock.now());
    const { errors } = await reconcile({ renewHooksBefore: at });
    expect(errors).toMatchObject([{ code: 'webhook_rejected' }]);
    expect(errors[0]?.reason).toContain('were to be renewed');
    expect(known()).toEqual(made.map((hook) => ({ ...hook, renewalRefusedAt: at })));
    expect(vendorOf()).toHaveLength(1);
  });

  it('are not tried again each day where the vendor signs none, and once more when an operator asks anew', async () => {
    const { world, made, reconcile, known } = openHooks();
    world.vendor.signingSecret = null;
    const first = toIso(world.clock.now());
    const ask = (before: string) => renewHooks(world, { tenantId: TENANT, platform: 'mailchimp', before, listOnly: false });
    await reconcile({ renewHooksBefore: first });
    world.clock.advance(DAY);
    expect(await reconcile({ renewHooksBefore: first })).toMatchObject({ found: { outworn: 1 }, errors: [] });
    expect(world.vendor.count('createHook')).toBe(1);
    expect(await ask(first)).toMatchObject({ outworn: 1, state: 'refused', runId: null });
    const second = toIso(world.clock.now());
    expect(await ask(second)).toMatchObject({ state: 'queued' });
    world.vendor.signingSecret = 'vendor-secret';
    expect(await reconcile({ renewHooksBefore: second })).toMatchObject({ created: 1, removed: 1 });
    expect(known().map(({ secretHash }) => secretHash)).not.toContain(made[0]?.secretHash);
  });

  it('stay heard wherever a renewal dies, and the next one leaves one new hook', async () => {
    const crash = fc.record({ at: fc.integer({ min: 1, max: 14 }), when: fc.constantFrom('before' as const, 'after' as const) });
    await fc.assert(
      fc.asyncProperty(fc.array(crash, { maxLength: 4 }), fc.boolean(), async (crashes, signed) => {
        const { world, made, reconcile, known, vendorOf } = openHooks({ signed });
        const before = toIso(world.clock.now());
        world.clock.advance(SECOND);
        const connection = { ...aUsableConnection(), renewHooksBefore: before };
        const wereActive = new Map<string, Hook>(made.map((hook) => [hook.secretHash, hook]));
        const nothingIsLost = (): void => {
          for (const hook of world.hooks.records.values()) if (hook.status === 'active') wereActive.set(hook.secretHash, hook);
          for (const hash of wereActive.keys()) {
            const hook = world.hooks.records.get(hash);
            expect(hook && isHeard(hook, world.clock.now())).toBe(true);
          }
          // And the vendor has one that is heard, or is about to be.
          const ids = vendorOf().map(({ url }) => hookIdIn(url));
          expect([...world.hooks.records.values()].some((hook) => hook.status === 'active' && ids.includes(hook.hookId))).toBe(
            true,
          );
        };
        for (const plan of crashes) {
          const wrap = planCrash(plan).startProcess();
          const deps = { ...world, config: CONFIG, hooks: wrap(world.hooks), connections: wrap(world.connections) };
          await reconcileHooks(deps, wrap(world.vendor.platform), connection, [AUDIENCE], Infinity).catch(() => undefined);
          nothingIsLost();
          world.clock.advance(MINUTE);
        }
        await reconcile({ renewHooksBefore: before });
        nothingIsLost();
        const [hook, ...more] = known();
        expect(more).toEqual([]);
        expect(hook).toMatchObject({ status: 'active' });
        expect((hook?.createdAt ?? '') >= before).toBe(true);
        expect(vendorOf().map(({ vendorId }) => vendorId)).toEqual([hook?.vendorId]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a hook that was replaced while it worked', () => {
  const HEARD_UNTIL = '2026-10-01T12:00:00.000Z';
  const open = () => {
    const opened = openIntake({ status: 'disconnected', heardUntil: HEARD_UNTIL, signingSecret: 'old' });
    opened.deps.clock.advance(Date.parse(HEARD_UNTIL) - 1 - opened.deps.clock.now());
    return opened;
  };
  const signature = 'signed with old';

  it('is heard until its stragglers are in, and then told to stop', async () => {
    const { deps, deliver } = open();
    const { hookId } = aHook('right');
    expect([await deliver({ signature }), await answerProbe(deps, 'right', hookId)]).toEqual(['ok', 'ok']);
    expect(deps.suppressions.saves).toBe(1);
    deps.clock.advance(1);
    expect([await deliver({ signature }), await answerProbe(deps, 'right', hookId)]).toEqual(['gone', 'gone']);
  });

  it('has its forgeries refused, and not counted against its successor', async () => {
    const { deps, deliver } = open();
    expect(await deliver({ signature: 'signed with another' })).toBe('forged');
    expect(deps.hookActivity.days.size).toBe(0);
    expect(deps.suppressions.saves).toBe(0);
  });
});

describe('renewHooks', () => {
  const ask = (world: ReturnType<typeof openHooks>['world'], listOnly = false) =>
    renewHooks(world, { tenantId: TENANT, platform: 'mailchimp', before: toIso(world.clock.now()), listOnly });

  it('marks the connection, queues a run, and says so in the trail', async () => {
    const { world } = openHooks();
    const row = await ask(world);
    expect(row).toMatchObject({ hooks: 1, outworn: 1, state: 'queued', code: null });
    expect(world.syncQueue.sent).toMatchObject([{ task: 'audiences', runId: row.runId, trigger: 'manual' }]);
    expect(await world.connections.get(TENANT, 'mailchimp')).toMatchObject({ renewHooksBefore: toIso(world.clock.now()) });
    expect([...world.audit.entries.values()]).toMatchObject([{ action: 'webhooks.renewed', actor: { name: 'An operator' } }]);
  });

  it('queues nothing when all are new, and changes nothing when it only lists', async () => {
    const { world } = openHooks({ age: -HOUR });
    expect(await ask(world)).toMatchObject({ hooks: 1, outworn: 0, state: 'done' });
    const old = openHooks().world;
    expect(await ask(old, true)).toMatchObject({ outworn: 1, state: 'open' });
    for (const { syncQueue, connections } of [world, old]) {
      expect(syncQueue.sent).toEqual([]);
      expect(await connections.get(TENANT, 'mailchimp')).toMatchObject({ renewHooksBefore: null });
    }
  });

  it('waits for a connection whose token is dead, and goes on when it is renewed', async () => {
    const { world } = openHooks();
    const current = await world.connections.get(TENANT, 'mailchimp');
    if (current) await world.connections.save({ ...current, status: 'needs_reconnect' });
    expect(await ask(world)).toMatchObject({ state: 'waits', code: 'invalid_token' });
    expect(await world.connections.get(TENANT, 'mailchimp')).toMatchObject({ renewHooksBefore: toIso(world.clock.now()) });
  });

  it('is not connected where nothing is, and marks nothing', async () => {
    const { world } = openHooks();
    expect(await renewHooks(world, { tenantId: 'ten_none', platform: 'mailchimp', before: 'z', listOnly: false })).toMatchObject({
      state: 'not_connected',
    });
  });

  it('leaves a connection alone that is disconnected while it marks', async () => {
    const { world } = openHooks();
    const save = world.connections.save.bind(world.connections);
    let leaves = 0;
    world.connections.save = async (connection) => {
      const now = await world.connections.get(TENANT, 'mailchimp');
      if (now && leaves++ === 0) await save({ ...now, status: 'disconnected' });
      return save(connection);
    };
    expect(await ask(world)).toMatchObject({ state: 'not_connected', runId: null });
    expect(await world.connections.get(TENANT, 'mailchimp')).toMatchObject({ status: 'disconnected', renewHooksBefore: null });
    expect(world.syncQueue.sent).toEqual([]);
  });

  it('keeps a later mark, and tries again when another writer was first', async () => {
    const later = openHooks().world;
    const current = (await later.connections.get(TENANT, 'mailchimp')) ?? aConnection();
    await later.connections.save({ ...current, renewHooksBefore: '2099-01-01T00:00:00.000Z' });
    await ask(later);
    expect(await later.connections.get(TENANT, 'mailchimp')).toMatchObject({ renewHooksBefore: '2099-01-01T00:00:00.000Z' });

    const { world } = openHooks();
    const save = world.connections.save.bind(world.connections);
    let saves = 0;
    world.connections.save = (connection) => (saves++ === 0 ? Promise.resolve(undefined) : save(connection));
    expect(await ask(world)).toMatchObject({ state: 'queued' });
    world.connections.save = () => Promise.resolve(undefined);
    world.clock.advance(HOUR);
    await expect(ask(world)).rejects.toThrow(AppError);
  });
});
