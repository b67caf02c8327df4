import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problemIn } from './client.ts';
import { readyTenant, runEnd, sync, type Ready } from './connect.ts';
import { ADDRESS_TAG, atVendor, create, htmlAtVendor, reaches, read, UNSUBSCRIBE_TAG } from './drafts.ts';
import { parseJson } from './http.ts';
import { openStack, type Stack } from './open-stack.ts';

describe('campaigns', () => {
  let stack: Stack;
  let ready: Ready;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'crumb');
    await stack.vendor.settings({ deliveryMs: 300 });
  });
  afterAll(() => stack.close());

  it('drafts at the vendor without sending', async () => {
    const draft = await create(ready, 'draft', { previewText: 'Fresh on Friday', fromName: 'Crumb & Co' });
    expect(draft).toMatchObject({
      status: 'draft',
      origin: 'illixis',
      outcome: null,
      error: null,
      audienceId: ready.audienceId,
      subject: 'Rye is back',
      sender: { email: 'owner@crumb.test', rule: 'owner' },
      sentAt: null,
    });
    expect(await atVendor(stack.vendor, ready.accountId, draft.vendorId)).toMatchObject({
      status: 'save',
      recipients: { list_id: ready.listId },
      settings: {
        subject_line: 'Rye is back',
        preview_text: 'Fresh on Friday',
        from_name: 'Crumb & Co',
        reply_to: 'owner@crumb.test',
      },
      tracking: { opens: true, html_clicks: true },
    });
    expect(await stack.vendor.sendsOf(ready.accountId, draft.vendorId ?? '')).toEqual([]);
    expect(await read(ready, draft.id)).toEqual(draft);
  });

  it('sends now, and reads back that it was sent', async () => {
    const made = await create(ready, 'send');
    expect(['sending', 'sent']).toContain(made.status);
    const sent = await reaches(ready, made.id, 'sent');
    expect(sent.error).toBeNull();
    expect(sent.archiveUrl).toMatch(/^https?:\/\//);
    expect(Math.abs(Date.parse(sent.sentAt ?? '') - (await stack.now()))).toBeLessThan(30_000);
    expect(await atVendor(stack.vendor, ready.accountId, sent.vendorId)).toMatchObject({ status: 'sent', emails_sent: 12 });
    expect(await stack.vendor.sendsOf(ready.accountId, sent.vendorId ?? '')).toHaveLength(1);
  });

  it('adds the unsubscribe link and the postal address where they are missing', async () => {
    const draft = await create(ready, 'draft', { html: '<html><body><p>Bare</p><!-- *|UNSUB|* --></body></html>' });
    const html = await htmlAtVendor(stack.vendor, ready.accountId, draft.vendorId);
    expect(html.replace(/<!--.*?-->/g, '')).toContain(UNSUBSCRIBE_TAG);
    expect(html).toMatch(ADDRESS_TAG);
    expect(html.indexOf(UNSUBSCRIBE_TAG)).toBeLessThan(html.indexOf('</body>'));
  });

  it('leaves content alone that has both', async () => {
    const html = '<html><body><p>Whole</p><a href="*|UNSUB|*">Leave</a> *|HTML:LIST_ADDRESS_HTML|*</body></html>';
    const draft = await create(ready, 'draft', { html });
    expect(await htmlAtVendor(stack.vendor, ready.accountId, draft.vendorId)).toBe(html);
  });

  it('sends a template, with the tags that it lacks', async () => {
    await stack.vendor.tell('POST', '/templates', {
      accountId: ready.accountId,
      name: 'Bare bones',
      html: '<html><body><p>Bones</p></body></html>',
    });
    await runEnd(ready.client, (await ready.client.call('refreshAudiences')).runId);
    const { items } = await ready.client.call('listTemplates');
    const template = items.find(({ name }) => name === 'Bare bones');
    expect(template).toBeDefined();
    const draft = await create(ready, 'draft', { html: undefined, templateId: template?.id });
    const html = await htmlAtVendor(stack.vendor, ready.accountId, draft.vendorId);
    expect(html).toContain('Bones');
    expect(html).toContain(UNSUBSCRIBE_TAG);
    expect(html).toMatch(ADDRESS_TAG);
  });

  it('sends once however often it is asked at once', async () => {
    const draft = await create(ready, 'draft', { subject: 'Twenty clicks' });
    const clicks = Array.from({ length: 20 }, () => ready.client.call('sendCampaign', { params: { id: draft.id } }));
    for (const answer of await Promise.all(clicks)) {
      expect(answer.id).toBe(draft.id);
      expect(['sending', 'sent']).toContain(answer.status);
    }
    await reaches(ready, draft.id, 'sent');
    expect(await ready.client.call('sendCampaign', { params: { id: draft.id } })).toMatchObject({ status: 'sent' });
    expect(await stack.vendor.sendsOf(ready.accountId, draft.vendorId ?? '')).toHaveLength(1);
  });

  it('creates once per Idempotency-Key, and refuses the key for anything else', async () => {
    const headers = { 'idempotency-key': 'loaf-1' };
    const body = { audienceId: ready.audienceId, subject: 'Keyed', html: '<p>Keyed</p>', action: 'draft' };
    const first = await ready.client.reply('createCampaign', { body, headers });
    const second = await ready.client.reply('createCampaign', { body, headers });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(parseJson(second.text)).toEqual(parseJson(first.text));
    const { items } = await ready.client.call('listCampaigns');
    expect(items.filter(({ subject }) => subject === 'Keyed')).toHaveLength(1);
    const other = { body: { ...body, subject: 'Keyed otherwise' }, headers };
    expect(await ready.client.problem('createCampaign', other)).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    // Still kept 23 hours later, and forgotten after 25.
    await stack.advance(23 * 3_600_000);
    expect(parseJson((await ready.client.reply('createCampaign', { body, headers })).text)).toEqual(parseJson(first.text));
    await stack.advance(2 * 3_600_000);
    expect((await ready.client.call('createCampaign', { body, headers })).id).not.toBe(items[0]?.id);
  });

  it('answers 409 while the first request with a key is under way, and creates one campaign', async () => {
    await stack.vendor.fault(ready.accountId, { method: 'POST', path: '^/3\\.0/campaigns$', kind: 'latency', ms: 1_500 });
    const body = { audienceId: ready.audienceId, subject: 'In flight', html: '<p>Slow</p>', action: 'draft' };
    const ask = () => ready.client.reply('createCampaign', { body, headers: { 'idempotency-key': 'loaf-2' } });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const refused = answers.filter(({ status }) => status === 409).map(problemIn);
    expect(refused.map(({ code }) => code)).toEqual(['idempotency_key_in_flight', 'idempotency_key_in_flight']);
    const { items } = await ready.client.call('listCampaigns');
    expect(items.filter(({ subject }) => subject === 'In flight')).toHaveLength(1);
  });

  it('edits, duplicates, tests and deletes a draft', async () => {
    const { client } = ready;
    const draft = await create(ready, 'draft', { subject: 'Before' });
    const params = { id: draft.id };
    const edited = await client.call('editCampaign', { params, body: { subject: 'After', html: '<p>New</p>' } });
    expect(edited).toMatchObject({ id: draft.id, status: 'draft', subject: 'After', vendorId: draft.vendorId });
    expect((await atVendor(stack.vendor, ready.accountId, draft.vendorId)).settings.subject_line).toBe('After');
    expect(await htmlAtVendor(stack.vendor, ready.accountId, draft.vendorId)).toContain('<p>New</p>');
    const copy = await client.call('duplicateCampaign', { params });
    expect(copy).toMatchObject({ status: 'draft', subject: 'After', audienceId: ready.audienceId });
    expect(copy.id).not.toBe(draft.id);
    expect(copy.vendorId).not.toBe(draft.vendorId);
    expect(await htmlAtVendor(stack.vendor, ready.accountId, copy.vendorId)).toContain('<p>New</p>');
    await client.call('testCampaign', { params, body: { emails: ['qa@crumb.test', 'qb@crumb.test'] } });
    const seen = (await stack.vendor.campaigns()).find(({ id }) => id === draft.vendorId);
    expect(seen).toMatchObject({ status: 'save', testSends: 2 });
    await client.call('addSuppression', { body: { email: 'left@crumb.test' } });
    const refused = { params, body: { emails: ['qb@crumb.test', 'LEFT@crumb.test'] } };
    expect(await client.problem('testCampaign', refused)).toMatchObject({
      status: 422,
      code: 'recipient_suppressed',
      errors: [{ field: 'emails.1' }],
    });
    expect((await stack.vendor.campaigns()).find(({ id }) => id === draft.vendorId)).toMatchObject({ testSends: 2 });
    await client.call('deleteCampaign', { params });
    expect(await client.problem('getCampaign', { params })).toMatchObject({ status: 404 });
    expect((await stack.vendor.campaigns()).some(({ id }) => id === draft.vendorId)).toBe(false);
    expect(await read(ready, copy.id)).toMatchObject({ status: 'draft' });
  });

  it('lists the newest first, page by page, and by status', async () => {
    const all = (await ready.client.call('listCampaigns', { query: { limit: 1000 } })).items;
    expect(all.length).toBeGreaterThan(4);
    expect(all.map(({ createdAt }) => createdAt)).toEqual(
      all
        .map(({ createdAt }) => createdAt)
        .sort()
        .reverse(),
    );
    const paged: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await ready.client.call('listCampaigns', { query: { limit: 2, ...(cursor !== undefined && { cursor }) } });
      paged.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(all.map(({ id }) => id));
    const sent = (await ready.client.call('listCampaigns', { query: { status: 'sent' } })).items;
    expect(sent.map(({ id }) => id)).toEqual(all.filter(({ status }) => status === 'sent').map(({ id }) => id));
    expect(sent.length).toBeGreaterThan(0);
  });

  it('refuses to change what was sent, but duplicates it', async () => {
    const [sent] = (await ready.client.call('listCampaigns', { query: { status: 'sent', limit: 1000 } })).items;
    const params = { id: sent?.id ?? '' };
    const body = { subject: 'Too late' };
    expect(await ready.client.problem('editCampaign', { params, body })).toMatchObject({
      status: 409,
      code: 'campaign_not_editable',
    });
    expect(await ready.client.problem('deleteCampaign', { params })).toMatchObject({
      status: 409,
      code: 'campaign_not_editable',
    });
    const test = { params, body: { emails: ['qa@crumb.test'] } };
    expect(await ready.client.problem('testCampaign', test)).toMatchObject({ status: 409, code: 'campaign_not_editable' });
    expect(await read(ready, params.id)).toEqual(sent);
    expect(await ready.client.call('duplicateCampaign', { params })).toMatchObject({ status: 'draft', subject: sent?.subject });
  });

  it('notices what people did to a draft at the vendor', async () => {
    const [scheduled, sent] = [await create(ready, 'draft'), await create(ready, 'draft')];
    await stack.vendor.tell('POST', `/campaigns/${scheduled.vendorId}/status`, { status: 'schedule' });
    await stack.vendor.tell('POST', `/campaigns/${sent.vendorId}/status`, { status: 'sent' });
    expect(await sync(ready.client, 'metrics')).toMatchObject({ state: 'succeeded' });
    expect(await read(ready, sent.id)).toMatchObject({ status: 'sent', origin: 'illixis' });
    expect(await read(ready, scheduled.id)).toMatchObject({ status: 'draft', vendorStatus: 'schedule' });
    expect(await stack.vendor.sendsOf(ready.accountId, sent.vendorId ?? '')).toEqual([]);
  });

  it('notices that a draft was deleted at the vendor', async () => {
    const draft = await create(ready, 'draft', { subject: 'Gone there' });
    await stack.vendor.asOwner(ready.accountId, 'DELETE', `/campaigns/${draft.vendorId}`);
    expect(await sync(ready.client, 'metrics')).toMatchObject({ state: 'succeeded' });
    expect(await read(ready, draft.id)).toMatchObject({ status: 'error', error: { code: 'deleted_at_vendor' } });
  });
});
