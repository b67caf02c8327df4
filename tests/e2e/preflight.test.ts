import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { readyTenant, runEnd, type Ready } from './connect.ts';
import { create, reaches, read } from './drafts.ts';
import { openStack, type Stack } from './open-stack.ts';

const SUPPRESSED = 'do.not.mail@preflight.test';
const SECOND_SUPPRESSED = 'nor.me@preflight.test';

describe('pre-flight', () => {
  let stack: Stack;
  let ready: Ready;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'preflight', { subscribed: 8, unsubscribed: 1 });
    await stack.vendor.settings({ deliveryMs: 0 });
  });
  afterAll(() => stack.close());

  const preflight = (id: string) => ready.client.call('preflightCampaign', { params: { id } });
  const findings = async (id: string) => (await preflight(id)).findings.filter(({ level }) => level !== 'ok');
  const push = async () => runEnd(ready.client, (await ready.client.call('pushSuppressions')).runId);
  const statusOf = async (email: string) => {
    const schema = z.object({ members: z.array(z.object({ email_address: z.string(), status: z.string() })) });
    const { members } = await stack.vendor.read(ready.accountId, `/lists/${ready.listId}/members?count=1000`, schema);
    return members.find(({ email_address }) => email_address === email)?.status;
  };
  const subscribed = async () => {
    const schema = z.object({ total_items: z.number() });
    return (await stack.vendor.read(ready.accountId, `/lists/${ready.listId}/members?status=subscribed`, schema)).total_items;
  };

  it('stops a send to somebody who must not be mailed, until the vendor knows it too', async () => {
    await stack.vendor.member(ready.listId, 'Do.Not.Mail@preflight.test');
    await ready.client.call('addSuppression', { body: { email: SUPPRESSED, reason: 'asked by phone' } });
    const draft = await create(ready, 'draft');
    expect(await preflight(draft.id)).toMatchObject({
      ready: false,
      findings: expect.arrayContaining([
        {
          level: 'error',
          code: 'suppressed_subscribed',
          where: 'audience',
          message: '1 person who must not be mailed is still subscribed in this audience.',
          fix: expect.stringContaining('push the suppressions'),
        },
      ]),
    });
    expect(await ready.client.problem('sendCampaign', { params: { id: draft.id } })).toMatchObject({
      status: 422,
      code: 'suppressed_subscribed',
      campaignId: draft.id,
    });
    expect(await read(ready, draft.id)).toMatchObject({ status: 'error', error: { code: 'suppressed_subscribed' } });
    expect(await stack.vendor.sendsOf(ready.accountId, draft.vendorId ?? '')).toEqual([]);

    const before = await subscribed();
    expect(await push()).toMatchObject({
      task: 'push',
      trigger: 'manual',
      state: 'succeeded',
      unit: 'members',
      counts: { read: before, suppressed: 1, unsubscribed: 1, failed: 0 },
      errors: [],
    });
    expect(await statusOf('Do.Not.Mail@preflight.test')).toBe('unsubscribed');
    expect(await subscribed()).toBe(before - 1);

    expect((await preflight(draft.id)).ready).toBe(true);
    await ready.client.call('sendCampaign', { params: { id: draft.id } });
    expect(await reaches(ready, draft.id, 'sent')).toMatchObject({ error: null });
    expect(await stack.vendor.sendsOf(ready.accountId, draft.vendorId ?? '')).toHaveLength(1);
  });

  it('can push again, which changes nothing, and is in the history and in the trail', async () => {
    const before = await subscribed();
    expect(await push()).toMatchObject({ state: 'succeeded', counts: { suppressed: 0, unsubscribed: 0 } });
    expect(await subscribed()).toBe(before);
    const { items } = await ready.client.call('listSyncs', { query: { task: 'push' } });
    expect(items).toHaveLength(2);
    const trail = await ready.client.call('listAudit', { query: { action: 'suppressions.pushed' } });
    expect(trail.items.map(({ after }) => after)).toEqual(items.map(({ runId }) => ({ runId })));
    expect(await ready.client.problem('startSync', { body: { task: 'push' } })).toMatchObject({ status: 400 });
  });

  it('lets editors push, but no writer', async () => {
    for (const [role, allowed] of [
      ['editor', true],
      ['writer', false],
    ] as const) {
      const { apiKey } = await ready.client.call('createApiKey', { body: { name: role, role } });
      expect((await ready.client.as(apiKey).reply('pushSuppressions')).status).toBe(allowed ? 202 : 403);
      // The next test wants a run of its own, and a push while one is under way gets the id of that one.
      for (const { runId } of (await ready.client.call('listSyncs', { query: { task: 'push' } })).items)
        await runEnd(ready.client, runId);
    }
  });

  it('pushes into one audience only, when it is named', async () => {
    await stack.vendor.member(ready.listId, SECOND_SUPPRESSED);
    await ready.client.call('addSuppression', { body: { email: SECOND_SUPPRESSED } });
    const { runId } = await ready.client.call('pushSuppressions', { body: { audienceId: ready.audienceId } });
    expect(await runEnd(ready.client, runId)).toMatchObject({ state: 'succeeded', counts: { unsubscribed: 1 } });
    expect(await statusOf(SECOND_SUPPRESSED)).toBe('unsubscribed');
    const { items } = await ready.client.call('listAudit', { query: { action: 'suppressions.pushed' } });
    expect(items.map(({ after }) => after)).toContainEqual({ runId, audienceId: ready.audienceId });
    const unknown = { audienceId: 'aud_01J8B0000000000000000000ZZ' };
    expect(await ready.client.problem('pushSuppressions', { body: unknown })).toMatchObject({
      status: 404,
      code: 'list_not_found',
    });
  });

  it('warns of what can be said about the content, and sends it all the same', async () => {
    const html = `<p>Rye</p>
<a href="http://localhost:3000/shop">Shop</a> <a href="http://localhost:3000/shop">again</a>
<a href="/relative">Rye</a> <a href="*|ARCHIVE|*">In the browser</a>
<img src="https://harborlane.test/rye.png">${'<!-- as it was exported -->'.repeat(4_200)}`;
    const draft = await create(ready, 'draft', { subject: 'Much to say', html });
    const found = await findings(draft.id);
    expect(found.map(({ level, code, where }) => [level, code, where])).toEqual([
      ['warning', 'unsubscribe_link_added', 'html'],
      ['warning', 'postal_address_added', 'html'],
      ['warning', 'link_not_public', 'line 2, “Shop”, and 1 more'],
      ['warning', 'link_not_public', 'line 3, “Rye”'],
      ['warning', 'image_not_public', 'line 4'],
      ['warning', 'image_without_alternative', 'line 4'],
      ['warning', 'clipped', 'html'],
    ]);
    await ready.client.call('sendCampaign', { params: { id: draft.id } });
    const sent = await reaches(ready, draft.id, 'sent');
    expect(sent.warnings).toEqual(found.map(({ code, message }) => ({ code, message })));
  });

  it('warns of an identical campaign to the same audience', async () => {
    const texts = { subject: 'Twice', html: '<p>*|UNSUB|* *|LIST:ADDRESS|*</p>' };
    const first = await reaches(ready, (await create(ready, 'send', texts)).id, 'sent');
    const second = await create(ready, 'draft', texts);
    expect(await findings(second.id)).toMatchObject([
      { level: 'warning', code: 'identical_sent', message: expect.stringContaining(first.id) },
    ]);
    const other = await create(ready, 'draft', { ...texts, subject: 'Not twice' });
    expect(await findings(other.id)).toEqual([]);
  });

  it('waits a moment for a campaign that is still being processed', async () => {
    await stack.vendor.settings({ checklistLagMs: 2_000 });
    const sent = await create(ready, 'send', { subject: 'Fresh' });
    await stack.vendor.settings({ checklistLagMs: 0 });
    expect(await reaches(ready, sent.id, 'sent')).toMatchObject({ error: null });
  });
});
