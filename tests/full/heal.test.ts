import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readyTenant, runEnd, sync, type Ready } from '../e2e/connect.ts';
import { encode, post, sign, signingSecretOf } from '../e2e/deliveries.ts';
import { openStack, type Stack } from '../e2e/open-stack.ts';
import { until } from '../e2e/wait.ts';

const DAY_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;

describe('webhooks that would silently vanish', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await openStack();
    // Behind the rules of the day, so that none of them does what is looked for here by hand.
    const sinceMidnight = (await stack.now()) % DAY_MS;
    await stack.advance((8 * HOUR_MS - sinceMidnight + DAY_MS) % DAY_MS);
  });
  afterAll(() => stack.close());

  const ready = (slug: string): Promise<Ready> => readyTenant(stack, slug, { subscribed: 8 });
  const onlyHook = async ({ accountId }: Ready) => {
    const [hook, ...more] = await stack.vendor.hooks(accountId);
    if (hook === undefined || more.length > 0) throw new Error(`Expected one hook, found ${more.length + (hook ? 1 : 0)}`);
    return hook;
  };
  const health = async ({ client }: Ready) => (await client.call('listWebhooks')).items[0];
  /** The sync's own count of what it found, and the run that catches up if one was queued. */
  const check = async ({ client }: Ready) => {
    const { counts } = await sync(client, 'audiences');
    const [latest] = (await client.call('listSyncs', { query: { task: 'suppressions' } })).items;
    if (latest) await runEnd(client, latest.runId);
    return counts;
  };
  const suppressed = async ({ client }: Ready, email: string) =>
    (await client.call('checkSuppressions', { body: { emails: [email] } })).suppressed.length > 0;

  it('come back when somebody deleted them, and what they did not tell is caught up at once', async () => {
    const tenant = await ready('deleted');
    const { id } = await onlyHook(tenant);
    await stack.vendor.tell('DELETE', `/hooks/${id}`);
    await stack.vendor.member(tenant.listId, 'unheard@deleted.test', 'unsubscribed');
    expect(await check(tenant)).toMatchObject({ hooksMissing: 1, hooksCreated: 1 });
    expect((await onlyHook(tenant)).id).not.toBe(id);
    await until('the catching up', async () => ((await suppressed(tenant, 'unheard@deleted.test')) ? true : undefined));
    expect(await check(tenant)).toMatchObject({ hooksCreated: 0, hooksRemoved: 0, hooksPatched: 0 });
  });

  it.each(['hidden', 'listed'] as const)('come back when the vendor disabled them, and shows them %s', async (disabledHooks) => {
    await stack.vendor.settings({ disabledHooks });
    const tenant = await ready(`off-${disabledHooks}`);
    const { id } = await onlyHook(tenant);
    await stack.vendor.tell('POST', `/hooks/${id}/disable`);
    // The vendor tells whole seconds: in the one in which the hook was made, nobody knows what came first.
    await stack.advance(60_000);
    await stack.vendor.member(tenant.listId, 'silent@off.test');
    await stack.vendor.act(tenant.listId, 'silent@off.test', 'unsubscribe');
    // The night's sync finds what no delivery told; the check an hour later draws the conclusion.
    await stack.advance(3 * HOUR_MS);
    await sync(tenant.client, 'suppressions');
    expect(await suppressed(tenant, 'silent@off.test')).toBe(true);
    const counts = await check(tenant);
    if (disabledHooks === 'listed') {
      expect(counts).toMatchObject({ hooksDeaf: 1, hooksPatched: 1, hooksCreated: 0 });
      expect((await health(tenant))?.missed7d).toBe(1);
      const drift = await tenant.client.call('getDrift', { query: { days: 7 } });
      expect(drift).toMatchObject({
        missed: 1,
        healed: 1,
        late: 0,
        pending: 0,
        audiences: [{ missed: 1, platform: 'mailchimp' }],
      });
      expect(drift.trend).toHaveLength(7);
      // What a delivery tells after all is no miss.
      const late = encode('unsubscribe', { email: 'silent@off.test', reason: 'manual' });
      const { url } = await onlyHook(tenant);
      expect((await post(url, late, sign(signingSecretOf(stack, id), late))).status).toBe(200);
      expect(await tenant.client.call('getDrift', {})).toMatchObject({ missed: 0, healed: 0, late: 1 });
      expect((await onlyHook(tenant)).id).toBe(id);
    } else expect(counts).toMatchObject({ hooksMissing: 1, hooksCreated: 1 });
    expect((await stack.vendor.hooks(tenant.accountId)).filter(({ disabled }) => disabled === undefined)).toHaveLength(1);
    await stack.vendor.member(tenant.listId, 'heard@off.test');
    await stack.vendor.act(tenant.listId, 'heard@off.test', 'unsubscribe');
    await until('a delivery', async () => ((await suppressed(tenant, 'heard@off.test')) ? true : undefined));
    await stack.vendor.settings({ disabledHooks: 'hidden' });
  });

  it('are made anew when the vendor signs with another secret', async () => {
    const tenant = await ready('rotated');
    const { id } = await onlyHook(tenant);
    await stack.vendor.tell('POST', `/hooks/${id}/rotate-secret`);
    for (const index of [1, 2, 3]) {
      await stack.vendor.member(tenant.listId, `leaver${index}@rotated.test`);
      await stack.vendor.act(tenant.listId, `leaver${index}@rotated.test`, 'unsubscribe');
    }
    await until('three refusals', async () => ((await stack.vendor.attempts(id)).length >= 3 ? true : undefined));
    expect(await suppressed(tenant, 'leaver1@rotated.test')).toBe(false);
    await stack.advance(30_000);
    // The last of the container's count goes out with the next one.
    await stack.vendor.tell('POST', `/hooks/${id}/redeliver`);
    await until('the count', async () => (((await health(tenant))?.rejections7d ?? 0) >= 3 ? true : undefined));
    expect(await check(tenant)).toMatchObject({ hooksRejected: 1, hooksCreated: 1, hooksRemoved: 1 });
    expect((await onlyHook(tenant)).id).not.toBe(id);
    await until('the catching up', async () => ((await suppressed(tenant, 'leaver3@rotated.test')) ? true : undefined));
  });

  it('become signed when the vendor begins to sign, and no delivery is refused for it', async () => {
    await stack.vendor.settings({ signWebhooks: false });
    const tenant = await ready('unsigned');
    const old = await onlyHook(tenant);
    expect(await health(tenant)).toMatchObject({ status: 'active', signed: false });
    await stack.vendor.settings({ signWebhooks: true });
    expect(await check(tenant)).toMatchObject({ hooksCreated: 0 });
    await stack.advance(8 * DAY_MS);
    const hook = await onlyHook(tenant);
    expect([hook.signed, hook.id === old.id]).toEqual([true, false]);
    expect(await health(tenant)).toMatchObject({ status: 'active', signed: true });
    const body = encode('unsubscribe', { email: 'forged@unsigned.test' });
    expect((await post(hook.url, body)).status).toBe(401);
    expect(await suppressed(tenant, 'forged@unsigned.test')).toBe(false);
  });

  it('are counted: deliveries and rejections of seven days, and the last of each', async () => {
    const tenant = await ready('counted');
    expect(await health(tenant)).toMatchObject({
      deliveries7d: 0,
      rejections7d: 0,
      missed7d: 0,
      lastDeliveryAt: null,
      lastRejectionAt: null,
    });
    const hook = await onlyHook(tenant);
    for (const index of [1, 2, 3]) {
      await stack.vendor.member(tenant.listId, `leaver${index}@counted.test`);
      await stack.vendor.act(tenant.listId, `leaver${index}@counted.test`, 'unsubscribe');
    }
    await until('three deliveries', async () => ((await health(tenant))?.deliveries7d === 3 ? true : undefined));
    await post(hook.url, encode('unsubscribe', { email: 'forged@counted.test' }), 't=1,v1=00');
    await until('a rejection', async () => ((await health(tenant))?.rejections7d === 1 ? true : undefined));
    expect(await health(tenant)).toMatchObject({ lastDeliveryAt: expect.any(String), lastRejectionAt: expect.any(String) });
    await stack.advance(8 * DAY_MS);
    expect(await health(tenant)).toMatchObject({ deliveries7d: 0, rejections7d: 0, lastDeliveryAt: expect.any(String) });
  });

  it('are mended by hand as well, with an answer that says what was wrong', async () => {
    const tenant = await ready('by-hand');
    const { id } = await onlyHook(tenant);
    await stack.vendor.tell('DELETE', `/hooks/${id}`);
    expect(await tenant.client.call('repairWebhooks')).toMatchObject({
      active: 1,
      repaired: 1,
      found: { missing: 1 },
      remaining: 0,
      errors: [],
    });
    expect(await tenant.client.call('repairWebhooks')).toMatchObject({ repaired: 0, found: {} });
  });
});
