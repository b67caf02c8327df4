import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { audienceOf, connect, readyTenant, sync, type Ready } from './connect.ts';
import { create, reaches, read } from './drafts.ts';
import { openStack, type Stack } from './open-stack.ts';

const VENDOR = { requestId: expect.any(String), at: expect.any(String), instance: expect.any(String) };

describe('sends that are refused', () => {
  let stack: Stack;
  let ready: Ready;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'refused');
    await stack.vendor.settings({ deliveryMs: 0 });
  });
  afterAll(() => stack.close());

  const sendsOf = (vendorId: string | null) => stack.vendor.sendsOf(ready.accountId, vendorId ?? '');
  const sendProblem = (id: string) => ready.client.problem('sendCampaign', { params: { id } });

  it('sender_unverified: stored with a warning, refused by the send, mended and sent', async () => {
    const { client } = ready;
    const stored = await client.call('putSettings', { body: { senderEmail: 'news@unverified.test' } });
    expect(stored.senderEmail).toBe('news@unverified.test');
    expect(stored.warnings.map(({ code }) => code)).toContain('sender_unverified');
    const draft = await create(ready, 'draft');
    expect(draft.sender).toEqual({ email: 'news@unverified.test', rule: 'setting' });
    expect(await sendProblem(draft.id)).toMatchObject({
      status: 422,
      code: 'sender_unverified',
      campaignId: draft.id,
      fix: 'Verify in the Mailchimp dashboard',
    });
    const failed = await read(ready, draft.id);
    expect(failed).toMatchObject({
      status: 'error',
      error: { code: 'sender_unverified', fix: 'Verify in the Mailchimp dashboard' },
    });
    expect(failed.error?.cause).toContain('unverified.test');
    expect(await create(ready, 'send')).toMatchObject({ status: 'error', error: { code: 'sender_unverified' } });
    await stack.vendor.tell('POST', `/accounts/${ready.accountId}/domains`, { domain: 'unverified.test' });
    expect(['sending', 'sent']).toContain((await client.call('sendCampaign', { params: { id: draft.id } })).status);
    expect(await reaches(ready, draft.id, 'sent')).toMatchObject({ error: null });
    expect(await sendsOf(draft.vendorId)).toHaveLength(1);
    await client.call('putSettings', { body: { senderEmail: null } });
  });

  it('audience_empty: nobody to send to', async () => {
    const listId = await stack.vendor.list(ready.accountId, 'Nobody', { unsubscribed: 2 });
    expect((await sync(ready.client, 'audiences')).state).toBe('succeeded');
    const audienceId = await audienceOf(ready.client, listId);
    const draft = await create(ready, 'draft', { audienceId });
    expect(await sendProblem(draft.id)).toMatchObject({ status: 422, code: 'audience_empty', campaignId: draft.id });
    expect(await read(ready, draft.id)).toMatchObject({ status: 'error', error: { code: 'audience_empty' } });
    expect(await sendsOf(draft.vendorId)).toEqual([]);
    const report = await ready.client.call('preflightCampaign', { params: { id: draft.id } });
    expect(report.ready).toBe(false);
    expect(report.findings.filter(({ level }) => level === 'error').map(({ code }) => code)).toContain('audience_empty');
    // Mended by another audience.
    const body = { audienceId: ready.audienceId };
    expect(await ready.client.call('editCampaign', { params: { id: draft.id }, body })).toMatchObject({
      status: 'draft',
      error: null,
    });
    await ready.client.call('sendCampaign', { params: { id: draft.id } });
    expect(await reaches(ready, draft.id, 'sent')).toMatchObject({ audienceId: ready.audienceId });
  });

  it('campaign_not_ready: names what the checklist names', async () => {
    await stack.vendor.settings({ checklistLagMs: 3_600_000 });
    const draft = await create(ready, 'draft');
    const problem = await sendProblem(draft.id);
    await stack.vendor.settings({ checklistLagMs: 0 });
    expect(problem).toMatchObject({ status: 422, code: 'campaign_not_ready', campaignId: draft.id });
    expect(problem.cause).toContain('still being processed');
    expect(await sendsOf(draft.vendorId)).toEqual([]);
    expect((await ready.client.call('preflightCampaign', { params: { id: draft.id } })).ready).toBe(true);
  });

  it('vendor refusal of the send itself: an error with what the vendor said', async () => {
    const draft = await create(ready, 'draft');
    const path = `/3.0/campaigns/${draft.vendorId}/actions/send`;
    const problem = { status: 400, title: 'Bad Request', detail: 'Your Campaign is not ready to send, says ines@refused.test.' };
    await stack.vendor.fault(ready.accountId, { path, kind: 'problem', problem });
    await ready.client.call('sendCampaign', { params: { id: draft.id } });
    const failed = await reaches(ready, draft.id, 'error');
    expect(failed.error).toMatchObject({ code: 'campaign_not_ready', vendor: { status: 400, title: 'Bad Request', ...VENDOR } });
    expect(failed.error?.vendor?.detail).toContain('not ready to send');
    expect(failed.error?.vendor?.detail).not.toContain('ines@refused.test');
    expect(await sendsOf(draft.vendorId)).toHaveLength(1);
  });

  it('list_not_found: the list was deleted at the vendor', async () => {
    const listId = await stack.vendor.list(ready.accountId, 'Short-lived', { subscribed: 2 });
    expect((await sync(ready.client, 'audiences')).state).toBe('succeeded');
    const audienceId = await audienceOf(ready.client, listId);
    const draft = await create(ready, 'draft', { audienceId });
    await stack.vendor.tell('DELETE', `/lists/${listId}`);
    const problem = await sendProblem(draft.id);
    expect(problem).toMatchObject({
      code: 'list_not_found',
      campaignId: draft.id,
      fix: 'Select a different list',
      vendor: { status: 404, ...VENDOR },
    });
    expect(problem.status).toBe(422);
    expect(await read(ready, draft.id)).toMatchObject({
      status: 'error',
      error: { code: 'list_not_found', fix: 'Select a different list', vendor: { status: 404, ...VENDOR } },
    });
    expect(await sendsOf(draft.vendorId)).toEqual([]);
  });

  it('list_not_found: a new draft for the deleted list leaves nothing behind', async () => {
    const listId = await stack.vendor.list(ready.accountId, 'Gone at once', { subscribed: 2 });
    await sync(ready.client, 'audiences');
    const body = { audienceId: await audienceOf(ready.client, listId), subject: 'Never made', html: '<p>x</p>', action: 'send' };
    await stack.vendor.tell('DELETE', `/lists/${listId}`);
    expect(await ready.client.problem('createCampaign', { body })).toMatchObject({
      code: 'list_not_found',
      fix: 'Select a different list',
    });
    const { items } = await ready.client.call('listCampaigns', { query: { limit: 1000 } });
    expect(items.some(({ subject }) => subject === 'Never made')).toBe(false);
    expect((await stack.vendor.campaigns()).some(({ subject }) => subject === 'Never made')).toBe(false);
  });

  it('api_endpoint_error: the token lives but the host refuses it', async () => {
    const draft = await create(ready, 'draft');
    await stack.vendor.fault(ready.accountId, { path: '/3.0/', kind: 'json-401', times: 'always' });
    const problem = await sendProblem(draft.id);
    await stack.vendor.tell('DELETE', '/faults');
    expect(problem).toMatchObject({
      code: 'api_endpoint_error',
      fix: 'Reconnect to refresh metadata',
      vendor: { status: 401, ...VENDOR },
    });
    expect(await read(ready, draft.id)).toMatchObject({
      status: 'error',
      error: { code: 'api_endpoint_error', fix: 'Reconnect to refresh metadata', vendor: { status: 401 } },
    });
    expect(await sendsOf(draft.vendorId)).toEqual([]);
    // Nobody knows yet what is wrong with the token.
    expect(await ready.client.call('getConnection')).toMatchObject({ status: 'connected', health: 'in_doubt' });
  });

  it('invalid_token: access was revoked; reconnecting mends it', async () => {
    const { client } = ready;
    const draft = await create(ready, 'draft');
    await stack.vendor.tell('DELETE', `/accounts/${ready.accountId}/tokens`);
    const problem = await sendProblem(draft.id);
    expect(problem).toMatchObject({ status: 409, code: 'invalid_token', fix: 'Reconnect Mailchimp' });
    expect(await read(ready, draft.id)).toMatchObject({
      status: 'error',
      error: { code: 'invalid_token', fix: 'Reconnect Mailchimp' },
    });
    expect(await client.call('getConnection')).toMatchObject({ status: 'needs_reconnect', lastError: { code: 'invalid_token' } });
    expect(await client.problem('startSync', { body: { task: 'metrics' } })).toMatchObject({
      status: 409,
      code: 'invalid_token',
    });
    const before = (await stack.vendor.calls(ready.accountId)).length;
    expect(await sendProblem(draft.id)).toMatchObject({ status: 409, code: 'invalid_token' });
    expect(await stack.vendor.calls(ready.accountId)).toHaveLength(before);
    expect(await connect(client, ready.accountId)).toMatchObject({ status: 'connected', lastError: null });
    await client.call('sendCampaign', { params: { id: draft.id } });
    expect(await reaches(ready, draft.id, 'sent')).toMatchObject({ error: null });
    expect(await sendsOf(draft.vendorId)).toHaveLength(1);
  });

  it('a connection that is not there comes before everything else', async () => {
    const fresh = await stack.tenant('nobody', '--owner', 'o@nobody.test');
    const body = { audienceId: ready.audienceId, subject: 'x', html: '<p>x</p>', action: 'send' };
    expect(await fresh.problem('createCampaign', { body })).toMatchObject({ status: 409, code: 'not_connected' });
    expect((await fresh.call('listCampaigns')).items).toEqual([]);
  });

  it('a platform that contradicts the audience, and one that is not known', async () => {
    const body = { audienceId: ready.audienceId, subject: 'x', html: '<p>x</p>', action: 'draft', platform: 'klaviyo' };
    expect(await ready.client.problem('createCampaign', { body })).toMatchObject({ status: 422, code: 'platform_mismatch' });
    const unknown = { ...body, platform: 'pigeon' };
    expect(await ready.client.problem('createCampaign', { body: unknown })).toMatchObject({
      status: 400,
      errors: [{ field: 'platform' }],
    });
  });
});
