import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readyTenant, sync, type Ready } from './connect.ts';
import { encode, outcomeOf, post, shortForm, sign, signingSecretOf } from './deliveries.ts';
import { create, reaches, read } from './drafts.ts';
import { http } from './http.ts';
import { openStack, type Stack } from './open-stack.ts';
import type { Hook } from './simulator.ts';

describe('webhooks', () => {
  let stack: Stack;
  let ready: Ready;
  let hook: Hook;
  let secret: string;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'hooked', { subscribed: 40 });
    const [made] = await stack.vendor.hooks(ready.accountId);
    if (made === undefined) throw new Error('No hook was registered');
    hook = made;
    secret = signingSecretOf(stack, hook.id);
  });
  afterAll(() => stack.close());

  const suppression = (email: string) => ready.client.call('getSuppression', { params: { email } });
  const unsuppressed = (email: string) => ready.client.problem('getSuppression', { params: { email } });
  const deliver = (body: string, url = hook.url) => post(url, body, sign(secret, body));

  it('registers one signed hook per audience, for what people and we do there', async () => {
    await stack.vendor.lists(ready.accountId, 'More', 12, { subscribed: 1 });
    expect(await sync(ready.client, 'audiences')).toMatchObject({ state: 'succeeded' });
    const hooks = await stack.vendor.hooks(ready.accountId);
    expect(hooks).toHaveLength(13);
    expect(new Set(hooks.map(({ listId }) => listId)).size).toBe(13);
    expect(new Set(hooks.map(({ url }) => new URL(url).searchParams.get('secret'))).size).toBe(13);
    for (const { url, events, sources, signed } of hooks) {
      expect(new URL(url).pathname).toMatch(/^\/marketing-automation\/webhooks\/mailchimp\/hook_[0-9A-Za-z]+\/$/);
      expect(new URL(url).searchParams.get('secret')?.length).toBeGreaterThanOrEqual(43);
      expect(events).toEqual({
        subscribe: false,
        unsubscribe: true,
        profile: false,
        cleaned: true,
        upemail: true,
        campaign: false,
      });
      expect(sources).toEqual({ user: true, admin: true, api: true });
      expect(signed).toBe(true);
    }
    expect((await ready.client.call('getConnection')).webhooks).toEqual({ expected: 13, active: 13 });
    const health = await ready.client.call('listWebhooks');
    expect(health.items.map(({ status, signed }) => [status, signed])).toEqual(
      Array.from({ length: 13 }, () => ['active', true]),
    );
  });

  it('answers GET, HEAD and POST in both forms of the URL', async () => {
    const noSlash = hook.url.replace('/?', '?');
    for (const url of [hook.url, shortForm(hook.url), noSlash, shortForm(hook.url).replace('/?', '?')]) {
      expect((await http(url)).status).toBe(200);
      expect((await http(url, { method: 'HEAD' })).status).toBe(200);
      expect((await deliver(encode('profile', { email: 'p@readers.test' }), url)).status).toBe(200);
    }
    await unsuppressed('p@readers.test');
  });

  it('tells nothing to those who do not know the secret', async () => {
    const wrong = new URL(hook.url);
    wrong.searchParams.set('secret', 'x'.repeat(43));
    const mixed = hook.url.replace(/hook_[0-9A-Za-z]+/, 'hook_0000000000AAAAAAAAAA');
    const bare = hook.url.split('?')[0] ?? '';
    const body = encode('unsubscribe', { email: 'stranger@readers.test' });
    for (const url of [wrong.href, shortForm(wrong.href), mixed, bare, `${bare}?secret=`]) {
      expect((await http(url)).status).toBe(404);
      expect((await deliver(body, url)).status).toBe(404);
    }
    await unsuppressed('stranger@readers.test');
  });

  it.each([
    ['unsubscribe', { email: 'Leaver@Readers.test', reason: 'manual', action: 'unsub' }, 'unsubscribe', 'leaver@readers.test'],
    ['cleaned', { email: 'bounced@readers.test', reason: 'hard' }, 'bounce', 'bounced@readers.test'],
    ['cleaned', { email: 'cross@readers.test', reason: 'abuse' }, 'complaint', 'cross@readers.test'],
    ['unsubscribe', { email: 'angry+tag@readers.test', reason: 'abuse' }, 'complaint', 'angry+tag@readers.test'],
  ])('%s %j suppresses before it is answered: %s', async (type, data, reason, email) => {
    expect((await deliver(encode(type, data))).status).toBe(200);
    const found = await suppression(email);
    expect(found).toMatchObject({ email, reason, since: '2026-01-05T10:00:00.000Z' });
    expect(found.sources).toMatchObject([
      { platform: 'mailchimp', via: 'webhook', audienceId: ready.audienceId, vendorReason: data.reason },
    ]);
  });

  it('carries a suppression over to a changed address, and keeps the old one', async () => {
    await deliver(encode('unsubscribe', { email: 'old@readers.test', reason: 'manual' }));
    expect((await deliver(encode('upemail', { old_email: 'old@readers.test', new_email: 'new@readers.test' }))).status).toBe(200);
    expect(await suppression('new@readers.test')).toMatchObject({ email: 'new@readers.test', reason: 'unsubscribe' });
    expect(await suppression('old@readers.test')).toMatchObject({ email: 'old@readers.test', reason: 'unsubscribe' });
    // In the other order: what comes late about the old address holds for the new one too.
    await deliver(encode('upemail', { old_email: 'before@readers.test', new_email: 'after@readers.test' }));
    await unsuppressed('after@readers.test');
    await deliver(encode('unsubscribe', { email: 'before@readers.test', reason: 'manual' }));
    expect(await suppression('after@readers.test')).toMatchObject({ reason: 'unsubscribe' });
  });

  it('is unmoved by repetition, in any order and at once', async () => {
    const bodies = [
      encode('unsubscribe', { email: 'twice@readers.test', reason: 'manual' }, '2026-01-06 10:00:00'),
      encode('cleaned', { email: 'twice@readers.test', reason: 'hard' }, '2026-01-05 09:00:00'),
    ];
    const answers = await Promise.all([...bodies, ...bodies, ...bodies].map((body) => deliver(body)));
    // 503 asks the vendor to come again, which is no loss.
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
    for (const body of bodies) expect((await deliver(body)).status).toBe(200);
    const found = await suppression('twice@readers.test');
    expect(found).toMatchObject({ reason: 'bounce', since: '2026-01-05T09:00:00.000Z' });
    expect(found.sources).toHaveLength(2);
  });

  it('refuses what is not signed, badly signed, or stale', async () => {
    const body = encode('unsubscribe', { email: 'forged@readers.test', reason: 'manual' });
    const good = sign(secret, body);
    const minute = 60_000;
    const refused: [string, string | undefined][] = [
      [body, undefined],
      [body, ''],
      [body, 'nonsense'],
      [body, sign('mcsig_00000000000000000000000000000000', body)],
      [body, sign(secret, body, Date.now() - 6 * minute)],
      [body, sign(secret, body, Date.now() + 6 * minute)],
      [`${body}&x=1`, good],
      [body, good.replace(/^t=\d+/, `t=${Math.floor(Date.now() / 1000) + 1}`)],
    ];
    for (const [sent, signature] of refused) {
      expect((await post(hook.url, sent, signature)).status).toBe(401);
      expect((await post(shortForm(hook.url), sent, signature)).status).toBe(401);
    }
    await unsuppressed('forged@readers.test');
    expect((await post(hook.url, body, sign(secret, body, Date.now() - 4 * minute))).status).toBe(200);
    await suppression('forged@readers.test');
  });

  it('keeps what it cannot read, names nobody, and says yes', async () => {
    const unreadable = [
      '',
      '{"type":"unsubscribe","email":"json@readers.test"}',
      'type=unsubscribe',
      '%%%=%zz',
      '\u0000\uFFFD',
      encode('unsubscribe', { email: 'no address' }),
      encode('upemail', { old_email: 'half@readers.test', new_email: 'nowhere' }),
      encode('cleaned', { email: `${'long'.repeat(100)}@readers.test` }),
      'x'.repeat(200_000),
      `type=cleaned&${'data[merges][A]=1&'.repeat(10_000)}`,
      encode('brand-new', { email: 'other@readers.test' }),
    ];
    for (const body of [...unreadable, 'type=unsubscribe']) expect((await deliver(body)).status).toBe(200);
    for (const type of ['subscribe', 'profile', 'campaign']) {
      expect((await deliver(encode(type, { email: 'other@readers.test' }))).status).toBe(200);
    }
    await unsuppressed('other@readers.test');
    await unsuppressed('half@readers.test');
    const first = await ready.client.call('listQuarantine', { query: { limit: 4 } });
    const rest = await ready.client.call('listQuarantine', { query: { cursor: first.nextCursor ?? '' } });
    const items = [...first.items, ...rest.items];
    expect(items).toHaveLength(unreadable.length);
    expect(rest.nextCursor).toBeNull();
    expect(items.map(({ firstAt }) => firstAt)).toEqual(
      items
        .map(({ firstAt }) => firstAt)
        .toSorted()
        .toReversed(),
    );
    expect(items.filter(({ deliveries }) => deliveries === 2)).toMatchObject([
      { field: 'data[email]', reason: 'is missing', fields: { type: 'unsubscribe' }, audienceId: ready.audienceId },
    ]);
    expect(items.map(({ field }) => field)).toContain('data[new_email]');
    expect(JSON.stringify(items)).not.toMatch(/readers|json|half|nowhere|long|other@/);
  });

  it('takes what the vendor itself delivers, and refuses it when its signature is off', async () => {
    const { vendor } = stack;
    const name = (at: number) => `real-${at}@readers.test`;
    for (const at of [1, 2, 3, 4]) await vendor.member(hook.listId, name(at));
    expect(await outcomeOf(stack, hook, () => vendor.act(hook.listId, name(1), 'unsubscribe'))).toBe('200');
    expect(await suppression(name(1))).toMatchObject({ reason: 'unsubscribe' });
    expect(await outcomeOf(stack, hook, () => vendor.act(hook.listId, name(2), 'bounce'))).toBe('200');
    expect(await suppression(name(2))).toMatchObject({ reason: 'bounce' });
    expect(await outcomeOf(stack, hook, () => vendor.act(hook.listId, name(3), 'complain'))).toBe('200');
    expect(await suppression(name(3))).toMatchObject({ reason: 'complaint' });
    await vendor.settings({ signatureSkewMs: -400_000 });
    expect(await outcomeOf(stack, hook, () => vendor.act(hook.listId, name(4), 'unsubscribe'))).toBe('401');
    await vendor.settings({ signatureSkewMs: 0 });
    await unsuppressed(name(4));
    // The vendor tries again a minute later.
    expect(await outcomeOf(stack, hook, () => stack.advance(61_000))).toBe('200');
    expect(await suppression(name(4))).toMatchObject({ reason: 'unsubscribe' });
  });

  it('refuses unsigned deliveries of a signed hook, and takes those of one that never was signed', async () => {
    const { vendor } = stack;
    await vendor.settings({ signWebhooks: false });
    const listId = await vendor.list(ready.accountId, 'Unsigned', { subscribed: 1 });
    await sync(ready.client, 'audiences');
    await vendor.settings({ signWebhooks: true });
    const unsigned = (await vendor.hooks(ready.accountId)).find((candidate) => candidate.listId === listId);
    expect(unsigned?.signed).toBe(false);
    const body = encode('unsubscribe', { email: 'plain@readers.test', reason: 'manual' });
    expect((await post(unsigned?.url ?? '', body)).status).toBe(200);
    expect(await suppression('plain@readers.test')).toMatchObject({ reason: 'unsubscribe' });
    expect((await ready.client.call('listWebhooks')).items.filter(({ signed }) => !signed)).toHaveLength(1);
    await vendor.tell('POST', `/hooks/${hook.id}/unsign`);
    await vendor.member(hook.listId, 'unsign@readers.test');
    expect(await outcomeOf(stack, hook, () => vendor.act(hook.listId, 'unsign@readers.test', 'unsubscribe'))).toBe('401');
    await unsuppressed('unsign@readers.test');
  });

  it('shows live opt-outs on the campaign they came from, once each', async () => {
    await stack.vendor.settings({ deliveryMs: 0 });
    const made = await create(ready, 'send');
    const { vendorId } = await reaches(ready, made.id, 'sent');
    const data = { email: 'live@readers.test', reason: 'manual', campaign_id: vendorId ?? '' };
    for (let times = 0; times < 3; times += 1) expect((await deliver(encode('unsubscribe', data))).status).toBe(200);
    await deliver(encode('cleaned', { ...data, email: 'live2@readers.test', reason: 'hard' }));
    expect((await read(ready, made.id)).live).toEqual({ unsubscribes: 1, bounces: 1, complaints: 0 });
    expect((await suppression('live@readers.test')).sources).toMatchObject([{ campaignId: made.id }]);
    // A report has its own numbers, which the live ones are not added to.
    await sync(ready.client, 'metrics');
    expect((await read(ready, made.id)).live).toEqual({ unsubscribes: 0, bounces: 0, complaints: 0 });
    expect((await ready.client.call('getMetrics', { params: { id: made.id } })).latest).toMatchObject({ unsubscribes: 0 });
  });

  it('mends hooks that were deleted or disabled behind its back', async () => {
    const { vendor } = stack;
    const [first, second] = await vendor.hooks(ready.accountId);
    await vendor.tell('DELETE', `/hooks/${first?.id}`);
    await vendor.tell('POST', `/hooks/${second?.id}/disable`);
    const repaired = await ready.client.call('repairWebhooks');
    expect(repaired).toMatchObject({ repaired: 2, remaining: 0, errors: [], expected: 14, active: 14 });
    const working = (await vendor.hooks(ready.accountId)).filter(({ disabled }) => disabled === undefined);
    expect(new Set(working.map(({ listId }) => listId)).size).toBe(14);
    expect(working).toHaveLength(14);
  });

  it('still counts opt-outs of a connection whose token is dead', async () => {
    const [living] = (await stack.vendor.hooks(ready.accountId)).filter(
      ({ disabled, signed }) => disabled === undefined && signed,
    );
    if (living === undefined) throw new Error('No hook is left');
    await stack.vendor.tell('DELETE', `/accounts/${ready.accountId}/tokens`);
    await sync(ready.client, 'audiences');
    expect(await ready.client.call('getConnection')).toMatchObject({ status: 'needs_reconnect' });
    const body = encode('unsubscribe', { email: 'late@readers.test', reason: 'manual' });
    expect((await post(living.url, body, sign(signingSecretOf(stack, living.id), body))).status).toBe(200);
    expect(await suppression('late@readers.test')).toMatchObject({ reason: 'unsubscribe' });
  });

  it('answers 410 for good after the tenant disconnected', async () => {
    const [living] = (await stack.vendor.hooks(ready.accountId)).filter(({ signed }) => signed);
    if (living === undefined) throw new Error('No hook is left');
    const key = signingSecretOf(stack, living.id);
    await ready.client.call('disconnect');
    const body = encode('unsubscribe', { email: 'straggler@readers.test', reason: 'manual' });
    expect((await post(living.url, body, sign(key, body))).status).toBe(410);
    expect((await post(shortForm(living.url), body, sign(key, body))).status).toBe(410);
    await unsuppressed('straggler@readers.test');
  });
});
