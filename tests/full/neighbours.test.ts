import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../e2e/client.ts';
import { connect, connectFully, consent, sync } from '../e2e/connect.ts';
import { openStack, type Stack } from '../e2e/open-stack.ts';
import { tokensOf } from '../e2e/table.ts';
import { until } from '../e2e/wait.ts';

describe('two tenants with the same Mailchimp account', () => {
  let stack: Stack;
  let first: Client;
  let second: Client;
  let accountId: string;
  let listId: string;

  beforeAll(async () => {
    stack = await openStack();
    first = stack.demo;
    second = await stack.tenant('sister', '--owner', 'o@sister.test');
    ({ id: accountId } = await stack.vendor.account('Shared'));
    listId = await stack.vendor.list(accountId, 'Shared readers', { subscribed: 5 });
    await connectFully(first, accountId);
    await connectFully(second, accountId);
  });
  afterAll(() => stack.close());

  const isSuppressed = async (client: Client, email: string) =>
    (await client.call('checkSuppressions', { body: { emails: [email] } })).suppressed.length > 0;
  const hears = (client: Client, email: string) =>
    until(
      `${client.tenantId} to hear of an opt-out`,
      async () => ((await isSuppressed(client, email)) ? true : undefined),
      5_000,
    );

  it('have a webhook each, and both hear of an opt-out', async () => {
    const hooks = await stack.vendor.hooks(accountId);
    expect(hooks).toHaveLength(2);
    await stack.vendor.member(listId, 'both@shared.test');
    await stack.vendor.act(listId, 'both@shared.test', 'unsubscribe');
    await hears(first, 'both@shared.test');
    await hears(second, 'both@shared.test');
  });

  it('do not take each other the webhook away when they are checked', async () => {
    const before = (await stack.vendor.hooks(accountId)).map(({ id }) => id).sort();
    await sync(first, 'audiences');
    await sync(second, 'audiences');
    await first.call('repairWebhooks');
    expect((await stack.vendor.hooks(accountId)).map(({ id }) => id).sort()).toEqual(before);
    for (const client of [first, second])
      expect((await client.call('getConnection')).webhooks).toEqual({ expected: 1, active: 1 });
  });

  it('know nothing of what the other does', async () => {
    await first.call('addSuppression', { body: { email: 'mine@shared.test' } });
    expect(await isSuppressed(second, 'mine@shared.test')).toBe(false);
    const [audience] = (await first.call('listAudiences')).items;
    await first.call('createCampaign', {
      body: { audienceId: audience?.id, subject: 'Mine', html: '<p>Mine</p>', action: 'draft' },
    });
    expect((await second.call('listCampaigns')).items).toEqual([]);
  });

  it('one may leave without disturbing the other', async () => {
    await first.call('disconnect');
    expect(await second.call('getConnection')).toMatchObject({ status: 'connected', webhooks: { expected: 1, active: 1 } });
    expect(await stack.vendor.hooks(accountId)).toHaveLength(1);
    await stack.vendor.member(listId, 'later@shared.test');
    await stack.vendor.act(listId, 'later@shared.test', 'unsubscribe');
    await hears(second, 'later@shared.test');
    expect(await isSuppressed(first, 'later@shared.test')).toBe(false);
    expect(await sync(second, 'suppressions')).toMatchObject({ state: 'succeeded' });
  });

  it('completing twice at once connects once, with one token', async () => {
    const { state, ticket } = await consent(first, accountId);
    const replies = await Promise.all([1, 2, 3].map(() => first.reply('complete', { body: { state, ticket } })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect(await tokensOf(stack, first.tenantId)).toHaveLength(1);
    // Each connect replaces the former token.
    await connect(first, accountId);
    expect(await tokensOf(stack, first.tenantId)).toHaveLength(1);
  });

  it('never asks the vendor for more at once than it allows one user', async () => {
    await stack.vendor.lists(accountId, 'Crowd', 12, { subscribed: 1, unsubscribed: 2 });
    await connectFully(second, accountId);
    await stack.vendor.settings({ latencyMs: 60, maxConcurrency: 1_000 });
    await stack.vendor.tell('DELETE', '/calls');
    const runs = ['suppressions', 'audiences', 'metrics', 'automations'].map((task) => sync(second, task));
    const firstToo = ['suppressions', 'audiences'].map((task) => sync(first, task));
    for (const run of await Promise.all([...runs, ...firstToo])) expect(run).toMatchObject({ state: 'succeeded' });
    expect(await stack.vendor.peakInFlight(accountId)).toBeLessThanOrEqual(6);
    await stack.vendor.settings({ latencyMs: 0, maxConcurrency: 10 });
  });
});
