import { expect, it } from '@jest/globals';
import type { OAuthSession } from '../../src/core/connection/oauth-session.ts';
import { newSecret } from '../../src/core/shared/ids.ts';
import { makeConnectionStore } from '../../src/storage/connection-store.ts';
import { HOUR, SECOND, toIso } from '../../src/core/shared/clock.ts';
import { makeHookActivityStore } from '../../src/storage/hook-activity-store.ts';
import { makeHookStore } from '../../src/storage/hook-store.ts';
import { keys } from '../../src/storage/keys.ts';
import { makeOAuthSessionStore } from '../../src/storage/oauth-session-store.ts';
import type { Table } from '../../src/storage/table.ts';
import { Crash, planCrash } from '../support/crashes.ts';
import { aConnection, aHook } from '../support/factories.ts';
import { testClock } from '../support/test-clock.ts';
import { newTenantId } from './new-tenant-id.ts';

const NOW = 1_790_000_000_000;
const aSession = (tenantId: string): OAuthSession => ({
  stateHash: newSecret(),
  tenantId,
  platform: 'mailchimp',
  returnUrl: 'https://app.test',
  phase: 'begun',
  ticketHash: null,
  sealedToken: null,
  codeVerifier: null,
  expiresAtMs: NOW + 600_000,
});

export function connectionStores(table: () => Table): void {
  it('saves a connection only over the version read', async () => {
    const connections = makeConnectionStore(table());
    const connection = aConnection({ tenantId: newTenantId(), version: 0 });
    const saves = await Promise.all([connections.save(connection), connections.save({ ...connection, accountName: 'Other' })]);
    expect(saves.filter((saved) => saved !== undefined)).toHaveLength(1);
    const stored = await connections.get(connection.tenantId, 'mailchimp');
    expect(stored).toMatchObject({ version: 1 });
    expect(await connections.save(connection)).toBeUndefined();
    expect(await connections.save({ ...connection, version: 1, status: 'needs_reconnect' })).toMatchObject({ version: 2 });
    expect(await connections.list(connection.tenantId)).toHaveLength(1);
  });

  it('lists the connected tenants for the schedules, and those whose account is disabled or whose token is dead apart', async () => {
    const connections = makeConnectionStore(table());
    const ids = Array.from({ length: 40 }, newTenantId);
    for (const tenantId of ids) await connections.save(aConnection({ tenantId, version: 0, vendorUser: `user-${tenantId}` }));
    const [leaving = '', dead = '', disabled = ''] = ids;
    await connections.save(aConnection({ tenantId: leaving, version: 1, status: 'disconnected', vendorUser: null }));
    await connections.save(aConnection({ tenantId: dead, version: 1, status: 'needs_reconnect' }));
    const lastError = { code: 'account_disabled' as const, cause: '', fix: '', vendor: null };
    await connections.save(
      aConnection({ tenantId: disabled, version: 1, status: 'needs_reconnect', lastError, vendorUser: `user-${disabled}` }),
    );
    const read = async (which: 'connected' | 'disabled' | 'dead'): Promise<Map<string, string>> => {
      const found = new Map<string, string>();
      for await (const page of connections.indexed('mailchimp', which))
        for (const one of page) if (ids.includes(one.tenantId)) found.set(one.tenantId, one.vendorUser);
      return found;
    };
    const connected = await read('connected');
    expect(ids.filter((id) => connected.has(id))).toEqual(ids.slice(3));
    expect(connected.get(ids[5] ?? '')).toBe(`user-${ids[5]}`);
    expect([...(await read('disabled'))]).toEqual([[disabled, `user-${disabled}`]]);
    expect([...(await read('dead')).keys()]).toEqual([dead]);
  });

  it('takes a consent through its phases once', async () => {
    const sessions = makeOAuthSessionStore(table());
    const session = aSession(newTenantId());
    const { stateHash, tenantId } = session;
    await sessions.begin(session);
    const request = { stateHash, ticketHash: 'ticket', tenantId, platform: 'mailchimp', now: NOW };
    expect(await sessions.take(request)).toBeUndefined();
    expect(await sessions.consumeState('unknown', 'mailchimp', NOW)).toBeUndefined();
    expect(await sessions.consumeState(stateHash, 'klaviyo', NOW)).toBeUndefined();
    expect(await sessions.consumeState(stateHash, 'mailchimp', NOW + 600_000)).toBeUndefined();
    const consumed = await Promise.all(Array.from({ length: 5 }, () => sessions.consumeState(stateHash, 'mailchimp', NOW)));
    expect(consumed.filter((one) => one !== undefined)).toEqual([{ ...session, phase: 'exchanging' }]);
    await sessions.authorize(stateHash, 'ticket', 'sealed');
    await sessions.authorize(stateHash, 'second', 'sealed-2');
    for (const wrong of [{ ticketHash: 'x' }, { tenantId: newTenantId() }, { platform: 'klaviyo' }, { now: NOW + 600_000 }])
      expect(await sessions.take({ ...request, ...wrong })).toBeUndefined();
    const taken = await Promise.all(Array.from({ length: 5 }, () => sessions.take(request)));
    expect(taken.filter((one) => one !== undefined)).toMatchObject([{ sealedToken: 'sealed', phase: 'authorized' }]);
  });

  it('finds hooks by secret and by tenant', async () => {
    const hooks = makeHookStore(table());
    const tenantId = newTenantId();
    const hook = aHook(newSecret(), { tenantId, hookId: `hook_${tenantId.slice(-20)}` });
    await hooks.put(hook);
    await hooks.put({ ...hook, signingSecret: 'key' });
    expect(await hooks.findBySecretHash(hook.secretHash)).toEqual({ ...hook, signingSecret: 'key' });
    expect(await hooks.findBySecretHash('unknown')).toBeUndefined();
    expect(await hooks.list(tenantId, 'mailchimp')).toHaveLength(1);
    await hooks.remove(hook);
    expect(await hooks.findBySecretHash(hook.secretHash)).toBeUndefined();
    expect(await hooks.list(tenantId, 'mailchimp')).toEqual([]);
  });

  it('still finds a disconnected hook by its secret, but does not list it', async () => {
    const hooks = makeHookStore(table());
    const hook = aHook(newSecret(), { tenantId: newTenantId() });
    await hooks.put(hook);
    await hooks.put({ ...hook, status: 'disconnected', expiresAt: 1_800_000_000 });
    expect(await hooks.findBySecretHash(hook.secretHash)).toMatchObject({ status: 'disconnected', expiresAt: 1_800_000_000 });
    expect(await hooks.list(hook.tenantId, 'mailchimp')).toEqual([]);
  });

  it('lists a replaced hook for a disconnect, until it is heard no more, and never brings it back', async () => {
    const hooks = makeHookStore(table());
    const tenantId = newTenantId();
    const hook = aHook(newSecret(), { tenantId });
    await hooks.put(hook);
    const heard = { ...hook, status: 'disconnected' as const, heardUntil: '2026-10-01T12:00:00.000Z', expiresAt: 1_800_000_000 };
    await hooks.put(heard);
    await expect(hooks.put(hook)).rejects.toMatchObject({ code: 'not_connected' });
    expect(await hooks.list(tenantId, 'mailchimp')).toEqual([]);
    expect(await hooks.listWithReplaced(tenantId, 'mailchimp')).toEqual([heard]);
    const pointer = await table().get(keys.hookPointer(tenantId, 'mailchimp', hook.hookId));
    expect(pointer).toMatchObject({ expiresAt: Date.parse(heard.heardUntil) / SECOND });
    await hooks.put({ ...heard, heardUntil: null });
    await hooks.put(heard);
    expect(await hooks.listWithReplaced(tenantId, 'mailchimp')).toEqual([]);
    expect(await hooks.findBySecretHash(hook.secretHash)).toMatchObject({ status: 'disconnected', heardUntil: null });
  });

  it('never loses a hook from the list before it is marked as disconnected', async () => {
    const real = table();
    const hook = aHook(newSecret(), { tenantId: newTenantId() });
    await makeHookStore(real).put(hook);
    // The process ends between the two writes of one put.
    const crashing = planCrash({ at: 2, when: 'before' }).startProcess()(real);
    const leaving = { ...hook, status: 'disconnected' as const, expiresAt: 1_800_000_000 };
    await expect(makeHookStore(crashing).put(leaving)).rejects.toThrow(Crash);
    const stored = await makeHookStore(real).findBySecretHash(hook.secretHash);
    const listed = await makeHookStore(real).list(hook.tenantId, 'mailchimp');
    expect(stored?.status === 'disconnected' || listed.length === 1).toBe(true);
  });

  it('counts what happened to the webhooks of an audience, by day', async () => {
    const clock = testClock();
    const activity = makeHookActivityStore(table(), clock);
    const tenantId = newTenantId();
    const audience = 'aud_c3a91f02be';
    expect(await activity.recent(tenantId, audience)).toEqual([]);
    await Promise.all([1, 2, 3].map(() => activity.delivered(tenantId, audience, 'hook_1')));
    await activity.rejected(tenantId, audience, 'hook_1');
    const [today] = await activity.recent(tenantId, audience);
    const at = toIso(clock.now());
    expect(today).toEqual({
      date: at.slice(0, 10),
      deliveries: 3,
      rejections: 1,
      rejectedInARow: 1,
      lastDeliveryAt: at,
      lastRejectionAt: at,
      registeredAt: null,
    });
    await activity.registered(tenantId, audience);
    expect((await activity.recent(tenantId, audience))[0]).toMatchObject({ rejections: 1, rejectedInARow: 0, registeredAt: at });
    clock.advance(24 * HOUR);
    await activity.delivered(tenantId, audience, 'hook_1');
    expect((await activity.recent(tenantId, audience)).map(({ deliveries }) => deliveries)).toEqual([1, 3]);
    expect(await activity.recent(newTenantId(), audience)).toEqual([]);
    expect(await activity.recent(tenantId, 'aud_another')).toEqual([]);
  });

  it('writes three rejections in ten seconds at most, and loses none while they go on', async () => {
    const clock = testClock();
    const activity = makeHookActivityStore(table(), clock);
    const tenantId = newTenantId();
    const rejections = async () => (await activity.recent(tenantId, 'aud_1'))[0]?.rejections;
    for (let index = 0; index < 50; index++) await activity.rejected(tenantId, 'aud_1', 'hook_1');
    expect(await rejections()).toBe(3);
    clock.advance(10 * SECOND);
    await activity.rejected(tenantId, 'aud_1', 'hook_1');
    expect(await rejections()).toBe(51);
    await activity.delivered(tenantId, 'aud_1', 'hook_1');
    expect((await activity.recent(tenantId, 'aud_1'))[0]).toMatchObject({ rejections: 51, rejectedInARow: 0 });
    // What is carried from before a good delivery counts, but is no part of the new row; another hook carries nothing.
    for (let index = 0; index < 5; index++) await activity.rejected(tenantId, 'aud_1', 'hook_1');
    await activity.delivered(tenantId, 'aud_1', 'hook_1');
    clock.advance(10 * SECOND);
    await activity.rejected(tenantId, 'aud_1', 'hook_1');
    await activity.rejected(tenantId, 'aud_1', 'hook_2');
    expect((await activity.recent(tenantId, 'aud_1'))[0]).toMatchObject({ rejections: 58, rejectedInARow: 2 });
  });
}
