import { describe, expect, it } from '@jest/globals';
import { disconnect } from '../../../../src/core/connection/disconnect.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { Crash, planCrash, type Wrap } from '../../../support/crashes.ts';
import { aHook, anAudience, TENANT } from '../../../support/factories.ts';
import { disconnectDeps, openConnected, type ConnectionWorld } from '../../../support/open-connections.ts';

/** A connected tenant whose audience has a hook, here and at the vendor. */
function open(): ConnectionWorld {
  const world = openConnected();
  const hook = aHook('secret-1');
  world.hooks.records.set(hook.secretHash, hook);
  world.vendor.hooks.set(hook.audienceVendorId, [{ vendorId: 'vh1', url: 'https://x.test', signed: false, flagsRight: true }]);
  return world;
}

function expectGone(world: ConnectionWorld): void {
  expect(world.connections.records.get(`${TENANT}/mailchimp`)).toMatchObject({
    status: 'disconnected',
    accountId: null,
    accountName: null,
    vendorUser: null,
    apiEndpoint: null,
    tokenRef: null,
    connectedAt: null,
  });
  expect(world.tokens.held.size).toBe(0);
  expect(world.audiences.records).toEqual([]);
  expect(world.templates.held.records).toEqual([]);
  expect(world.runs.cursors.size).toBe(0);
  expect([...world.hooks.records.values()].map(({ status }) => status)).toEqual(['disconnected']);
}

describe('disconnect', () => {
  it('removes token, hooks, cached audiences and templates, and what it knew of the account', async () => {
    const world = open();
    await disconnect(disconnectDeps(world), TENANT, 'mailchimp');
    expectGone(world);
    expect(world.vendor.hooks.get('c3a91f02be')).toEqual([]);
  });

  it('keeps the hook for ninety days, so that stragglers are told to stop', async () => {
    const world = open();
    await disconnect(disconnectDeps(world), TENANT, 'mailchimp');
    const [hook] = world.hooks.records.values();
    expect((hook?.expiresAt ?? 0) * 1000 - world.clock.now()).toBe(90 * 24 * 3_600_000);
  });

  it('completes when it is asked again after a crash at any step', async () => {
    const rehearsal = planCrash({ at: 0, when: 'before' });
    await disconnect(disconnectDeps(open(), rehearsal.startProcess()), TENANT, 'mailchimp');
    for (let at = 1; at <= rehearsal.calls.made; at++) {
      for (const when of ['before', 'after'] as const) {
        const world = open();
        const crashes = planCrash({ at, when });
        const crashed = disconnect(disconnectDeps(world, crashes.startProcess()), TENANT, 'mailchimp');
        await expect(crashed).rejects.toThrow(Crash);
        await disconnect(disconnectDeps(world, crashes.startProcess()), TENANT, 'mailchimp');
        expectGone(world);
      }
    }
    expect(rehearsal.calls.made).toBeGreaterThan(10);
  });

  it('stops where somebody connects again meanwhile, and takes nothing from the new connection', async () => {
    const rehearsal = planCrash({ at: 0, when: 'before' });
    await disconnect(disconnectDeps(open(), rehearsal.startProcess()), TENANT, 'mailchimp');
    let comebacks = 0;
    for (let at = 4; at <= rehearsal.calls.made; at++) {
      const world = open();
      let calls = 0;
      const returned = new Set<string>();
      const back = async (): Promise<void> => {
        const marked = world.connections.records.get(`${TENANT}/mailchimp`);
        if (returned.size > 0 || marked?.status !== 'disconnected' || marked.accountId === null) return;
        returned.add(TENANT);
        const renewed = { ...marked, connectionId: 'con_second', status: 'connected' as const, tokenRef: 'secret:second' };
        world.tokens.held.set('secret:second', 'token-2');
        await world.connections.save(renewed);
        world.audiences.records = [anAudience({ id: 'aud_new' })];
      };
      // The other process comes between any two calls of this one.
      const wrap: Wrap = (port) =>
        new Proxy(port, {
          get(target, name) {
            const member: unknown = Reflect.get(target, name);
            if (typeof member !== 'function') return member;
            return async (...args: unknown[]): Promise<unknown> => {
              if (++calls === at) await back();
              return Reflect.apply(member, target, args);
            };
          },
        });
      await disconnect(disconnectDeps(world, wrap), TENANT, 'mailchimp');
      if (returned.size === 0) continue;
      comebacks++;
      expect(world.connections.records.get(`${TENANT}/mailchimp`)).toMatchObject({
        status: 'connected',
        connectionId: 'con_second',
      });
      expect(world.tokens.held.get('secret:second')).toBe('token-2');
    }
    expect(comebacks).toBeGreaterThan(5);
  });

  it('removes all the same what somebody writes a note on meanwhile', async () => {
    const rehearsal = planCrash({ at: 0, when: 'before' });
    await disconnect(disconnectDeps(open(), rehearsal.startProcess()), TENANT, 'mailchimp');
    let notes = 0;
    for (let at = 1; at <= rehearsal.calls.made; at++) {
      const world = open();
      let calls = 0;
      const note = async (): Promise<void> => {
        const marked = world.connections.records.get(`${TENANT}/mailchimp`);
        if (marked?.status !== 'disconnected' || marked.accountId === null) return;
        notes++;
        await world.connections.save({ ...marked, renewHooksBefore: '2026-09-20T06:00:00.000Z' });
      };
      const wrap: Wrap = (port) =>
        new Proxy(port, {
          get(target, name) {
            const member: unknown = Reflect.get(target, name);
            if (typeof member !== 'function') return member;
            return async (...args: unknown[]): Promise<unknown> => {
              if (++calls === at) await note();
              return Reflect.apply(member, target, args);
            };
          },
        });
      // Whoever is told that it was not done asks again.
      await disconnect(disconnectDeps(world, wrap), TENANT, 'mailchimp').catch(async (error: unknown) => {
        expect(error).toMatchObject({ code: 'service_unavailable' });
        await disconnect(disconnectDeps(world), TENANT, 'mailchimp');
      });
      expectGone(world);
    }
    expect(notes).toBeGreaterThan(5);
  });

  it('leaves no token behind after a crash at any step, also when nobody asks again', async () => {
    const rehearsal = planCrash({ at: 0, when: 'before' });
    await disconnect(disconnectDeps(open(), rehearsal.startProcess()), TENANT, 'mailchimp');
    for (let at = 1; at <= rehearsal.calls.made; at++) {
      for (const when of ['before', 'after'] as const) {
        const world = open();
        const crashed = disconnect(disconnectDeps(world, planCrash({ at, when }).startProcess()), TENANT, 'mailchimp');
        await expect(crashed).rejects.toThrow(Crash);
        await world.followups.drain();
        const left = world.connections.records.get(`${TENANT}/mailchimp`);
        // Before it was marked, it is what it was; from then on, its token goes.
        if (left?.status === 'connected') expect([...world.tokens.held.keys()]).toEqual([left.tokenRef]);
        else expect([left?.status, left?.tokenRef, world.tokens.held.size]).toEqual(['disconnected', null, 0]);
      }
    }
  });

  it.each(['invalid_token', 'vendor_unavailable'] as const)('needs no vendor: %s', async (code) => {
    const world = open();
    world.vendor.faults.push({ method: 'deleteHook', error: new AppError(code, 'No.') });
    await disconnect(disconnectDeps(world), TENANT, 'mailchimp');
    expectGone(world);
  });

  it('asks the vendor nothing when the token is gone', async () => {
    const world = open();
    world.tokens.held.clear();
    await disconnect(disconnectDeps(world), TENANT, 'mailchimp');
    expectGone(world);
    expect(world.vendor.calls).toEqual([]);
  });

  it('may be repeated, and needs no connection', async () => {
    const world = open();
    await disconnect(disconnectDeps(world), TENANT, 'mailchimp');
    await disconnect(disconnectDeps(world), TENANT, 'mailchimp');
    await disconnect(disconnectDeps(world), 'ten_never_connected', 'mailchimp');
    expectGone(world);
  });
});
