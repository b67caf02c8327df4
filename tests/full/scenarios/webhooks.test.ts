import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { readyTenant, runEnd, sync, type Ready } from '../../e2e/connect.ts';
import { encode, outcomeOf, post, sign, signingSecretOf } from '../../e2e/deliveries.ts';
import { http } from '../../e2e/http.ts';
import type { Stack } from '../../e2e/open-stack.ts';
import type { Hook } from '../../e2e/simulator.ts';
import { until } from '../../e2e/wait.ts';
import { openQuietStack } from './open-quiet-stack.ts';
import { isSuppressed } from './who-left.ts';

const HOUR_MS = 3_600_000;
const TEN_MINUTES_MS = 600_000;
const webhooks = z.object({ webhooks: z.array(z.object({ id: z.string() })), total_items: z.number() });

/** All orders of some things, the given one first. */
const ordersOf = <T>(things: readonly T[]): T[][] =>
  things.length === 0
    ? [[]]
    : things.flatMap((first, index) => ordersOf(things.filter((_, other) => other !== index)).map((rest) => [first, ...rest]));

describe('webhooks', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await openQuietStack();
  });
  afterAll(() => stack.close());

  const hooked = async (slug: string): Promise<Ready & { hook: Hook }> => {
    const ready = await readyTenant(stack, slug, { subscribed: 30 });
    return { ...ready, hook: await onlyHook(ready) };
  };
  const onlyHook = async ({ accountId }: Ready): Promise<Hook> => {
    const [hook, ...more] = await stack.vendor.hooks(accountId);
    if (hook === undefined || more.length > 0) throw new Error(`Expected one hook, found ${more.length + (hook ? 1 : 0)}`);
    return hook;
  };
  const leaves = async ({ listId }: Ready, email: string): Promise<void> => {
    await stack.vendor.member(listId, email);
    await stack.vendor.act(listId, email, 'unsubscribe');
  };
  const hears = ({ client }: Ready, email: string) =>
    until(`the news of ${email}`, async () => ((await isSuppressed(client, email)) ? true : undefined));
  const attempts = async (hook: Hook) => stack.vendor.attempts(hook.id);
  const outcomes = async (hook: Hook, count: number) =>
    until(`${count} attempts`, async () => {
      const made = await attempts(hook);
      return made.length >= count ? made.map(({ outcome }) => outcome) : undefined;
    });
  const suppression = ({ client }: Ready, email: string) => client.call('getSuppression', { params: { email } });

  it('webhook-get-validation: the URL answers before it is registered, and one that does not is not accepted', async () => {
    const ready = await hooked('validated');
    const { hook, accountId, listId } = ready;
    expect((await http(hook.url)).status).toBe(200);
    expect((await http(hook.url, { method: 'HEAD' })).status).toBe(200);
    const stranger = hook.url.replace(/hook_[0-9A-Za-z]+/, 'hook_0000000000AAAAAAAAAA');
    expect((await http(stranger)).status).toBe(404);
    const body = { url: stranger, events: { unsubscribe: true }, sources: { user: true } };
    const refused = await stack.vendor.askAsOwner(accountId, 'POST', `/lists/${listId}/webhooks`, body);
    expect([refused.status, refused.text.includes('HTTP Code: 404')]).toEqual([400, true]);
    expect(await onlyHook(ready)).toEqual(hook);
  });

  it('webhook-signed: a delivery is taken for its signature, and not for an old one', async () => {
    const ready = await hooked('signed');
    const { hook } = ready;
    expect(hook.signed).toBe(true);
    const leave = (email: string) => outcomeOf(stack, hook, () => leaves(ready, email));
    expect(await leave('genuine@signed.test')).toBe('200');
    expect(await isSuppressed(ready.client, 'genuine@signed.test')).toBe(true);
    await stack.vendor.settings({ signatureSkewMs: -TEN_MINUTES_MS });
    expect(await leave('stale@signed.test')).toBe('401');
    expect(await isSuppressed(ready.client, 'stale@signed.test')).toBe(false);
    await stack.vendor.settings({ signatureSkewMs: 0 });
    // Signed anew a minute later, the same event is taken.
    await stack.advance(60_000);
    await hears(ready, 'stale@signed.test');
    expect(await outcomes(hook, 3)).toEqual(['200', '401', '200']);
  });

  it('webhook-unsigned-rejected: without a signature, or with a forged one, nothing is believed; the sync finds the truth', async () => {
    const ready = await hooked('unsigned');
    const { hook, client } = ready;
    const secret = signingSecretOf(stack, hook.id);
    const forged = encode('unsubscribe', { email: 'forged@unsigned.test', reason: 'manual' });
    expect((await post(hook.url, forged)).status).toBe(401);
    expect((await post(hook.url, forged, sign(`${secret}x`, forged))).status).toBe(401);
    expect((await post(hook.url, `${forged}&more=1`, sign(secret, forged))).status).toBe(401);
    await stack.vendor.tell('POST', `/hooks/${hook.id}/unsign`);
    expect(await outcomeOf(stack, hook, () => leaves(ready, 'real@unsigned.test'))).toBe('401');
    for (const email of ['forged@unsigned.test', 'real@unsigned.test']) expect(await isSuppressed(client, email)).toBe(false);
    expect(await sync(client, 'suppressions')).toMatchObject({ state: 'succeeded' });
    expect(await isSuppressed(client, 'forged@unsigned.test')).toBe(false);
    expect(await isSuppressed(client, 'real@unsigned.test')).toBe(true);
  });

  it('webhook-duplicate: what is delivered twice is known once', async () => {
    const ready = await hooked('twice');
    const { hook, client } = ready;
    await stack.vendor.settings({ dupRate: 1 });
    await leaves(ready, 'twice@twice.test');
    expect(await outcomes(hook, 2)).toEqual(['200', '200']);
    await stack.vendor.settings({ dupRate: 0 });
    const [first, second] = await attempts(hook);
    expect(second?.body).toBe(first?.body);
    const found = await suppression(ready, 'twice@twice.test');
    expect(found).toMatchObject({ reason: 'unsubscribe', sources: [{ via: 'webhook' }] });
    await stack.vendor.tell('POST', `/hooks/${hook.id}/redeliver`);
    expect(await outcomes(hook, 3)).toEqual(['200', '200', '200']);
    expect(await suppression(ready, 'twice@twice.test')).toEqual(found);
    expect((await client.call('listSuppressions', { query: { email: 'twice@twice.test' } })).items).toHaveLength(1);
  });

  it('webhook-out-of-order: a mixed-up delivery ends where the right order would have', async () => {
    const ready = await hooked('mixed');
    const { hook, listId, client } = ready;
    await stack.vendor.settings({ shuffleWindow: 20, webhookConcurrency: 1 });
    const burst = z.object({ emails: z.array(z.string()) });
    const { emails } = await stack.vendor.control(burst, 'POST', `/lists/${listId}/burst`, { count: 20 });
    expect(new Set(await outcomes(hook, 20))).toEqual(new Set(['200']));
    await stack.vendor.settings({ shuffleWindow: 0, webhookConcurrency: 10 });
    const order = (await attempts(hook)).map(({ body }) => new URLSearchParams(body).get('data[email]'));
    expect(order).not.toEqual(emails);
    const { suppressed } = await client.call('checkSuppressions', { body: { emails } });
    expect(suppressed.map(({ email }) => email)).toEqual(emails);
    // Somebody left and then changed the address; the change is told first, the departure last.
    const fire = (type: string, data: Readonly<Record<string, string>>, firedAt: string) =>
      outcomeOf(stack, hook, () => stack.vendor.tell('POST', `/hooks/${hook.id}/fire`, { type, data, firedAt }));
    const [old, now] = ['before@mixed.test', 'after@mixed.test'];
    expect(await fire('upemail', { list_id: listId, old_email: old, new_email: now }, '2026-01-05 12:00:00')).toBe('200');
    expect(await isSuppressed(client, now)).toBe(false);
    const left = { list_id: listId, email: old, reason: 'manual', action: 'unsub' };
    expect(await fire('unsubscribe', left, '2026-01-05 10:00:00')).toBe('200');
    for (const email of [old, now]) expect(await isSuppressed(client, email)).toBe(true);
    expect(await suppression(ready, old)).toMatchObject({ since: '2026-01-05T10:00:00.000Z' });
    // All departures of one address, told in every order.
    const LIFE = [
      ['unsubscribe', 'manual', '2026-01-05 10:00:00'],
      ['cleaned', 'hard', '2026-01-05 11:00:00'],
      ['unsubscribe', 'abuse', '2026-01-05 12:00:00'],
    ] as const;
    const ends = [];
    for (const [index, order] of ordersOf(LIFE).entries()) {
      const email = `order${index}@mixed.test`;
      for (const [type, reason, at] of order) {
        expect(await fire(type, { list_id: listId, email, reason, action: 'unsub' }, at)).toBe('200');
      }
      const { reason, since } = await suppression(ready, email);
      ends.push({ reason, since });
    }
    expect(ends).toHaveLength(6);
    expect(ends).toEqual(ends.map(() => ({ reason: 'complaint', since: '2026-01-05T10:00:00.000Z' })));
  });

  it('webhook-disabled-then-reconciled: a hook that the vendor gave up is made anew, and what it did not tell is caught up', async () => {
    const ready = await hooked('given-up');
    const { hook, client, accountId, listId } = ready;
    await stack.vendor.settings({ disableAfterFailures: 3 });
    await stack.vendor.tell('POST', `/hooks/${hook.id}/rotate-secret`);
    for (const index of [1, 2, 3]) await leaves(ready, `leaver${index}@given-up.test`);
    await until('the vendor to give up', async () =>
      (await onlyHook(ready)).disabled === '3 failures in a row' ? true : undefined,
    );
    expect(await stack.vendor.read(accountId, `/lists/${listId}/webhooks`, webhooks)).toEqual({ webhooks: [], total_items: 0 });
    await leaves(ready, 'unheard@given-up.test');
    expect(await isSuppressed(client, 'unheard@given-up.test')).toBe(false);
    expect((await sync(client, 'audiences')).counts).toMatchObject({ hooksCreated: 1 });
    const [latest] = (await client.call('listSyncs', { query: { task: 'suppressions' } })).items;
    expect(await runEnd(client, latest?.runId ?? '')).toMatchObject({ state: 'succeeded' });
    for (const email of ['leaver1@given-up.test', 'leaver2@given-up.test', 'leaver3@given-up.test', 'unheard@given-up.test'])
      expect(await isSuppressed(client, email)).toBe(true);
    const [living, ...more] = (await stack.vendor.hooks(accountId)).filter(({ disabled }) => disabled === undefined);
    expect([more.length, living?.id === hook.id]).toEqual([0, false]);
    await leaves(ready, 'heard@given-up.test');
    await hears(ready, 'heard@given-up.test');
    await stack.vendor.settings({ disableAfterFailures: 20 });
  });

  it('webhook-410-after-disconnect: a hook that could not be deleted is told to stop, and the vendor does', async () => {
    const ready = await hooked('gone');
    const { hook, client, accountId } = ready;
    await stack.vendor.fault(accountId, { method: 'DELETE', path: '/3.0/lists/', kind: 'json-403', times: 'always' });
    await client.call('disconnect');
    await stack.vendor.tell('DELETE', '/faults');
    expect((await onlyHook(ready)).id).toBe(hook.id);
    await leaves(ready, 'after@gone.test');
    expect(await outcomes(hook, 1)).toEqual(['410']);
    expect(await onlyHook(ready)).toMatchObject({ disabled: 'answered 410' });
    await leaves(ready, 'later@gone.test');
    await stack.advance(2 * HOUR_MS);
    expect(await attempts(hook)).toHaveLength(1);
    expect(await isSuppressed(client, 'after@gone.test')).toBe(false);
  });
});
