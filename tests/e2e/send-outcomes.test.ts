import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readyTenant, type Ready } from './connect.ts';
import { atVendor, create, reaches, read } from './drafts.ts';
import { openStack, type Stack } from './open-stack.ts';

const MINUTE = 60_000;

describe('sends whose outcome is unclear', () => {
  let stack: Stack;
  let ready: Ready;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'unclear');
    await stack.vendor.settings({ deliveryMs: 0 });
  });
  afterAll(() => stack.close());

  const ACTION = '^/3\\.0/campaigns/[^/]+/actions/send$';
  const sendsOf = (vendorId: string | null) => stack.vendor.sendsOf(ready.accountId, vendorId ?? '');

  it.each(['drop-after-commit', 'html-502'])('the answer is lost (%s) but the mail went out: sent, asked once', async (kind) => {
    const draft = await create(ready, 'draft', { subject: kind });
    await stack.vendor.fault(ready.accountId, { path: ACTION, kind, ...(kind === 'html-502' && { afterCommit: true }) });
    const answer = await ready.client.call('sendCampaign', { params: { id: draft.id } });
    expect(['sending', 'sent']).toContain(answer.status);
    expect(await reaches(ready, draft.id, 'sent')).toMatchObject({ error: null });
    expect(await atVendor(stack.vendor, ready.accountId, draft.vendorId)).toMatchObject({ status: 'sent', emails_sent: 12 });
    await stack.advance(20 * MINUTE);
    expect(await sendsOf(draft.vendorId)).toHaveLength(1);
  });

  it('the vendor is busy once, in JSON: tried again, sent', async () => {
    const draft = await create(ready, 'draft', { subject: 'Busy' });
    await stack.vendor.fault(ready.accountId, { path: ACTION, kind: 'json-429' });
    expect((await ready.client.call('sendCampaign', { params: { id: draft.id } })).error).toBeNull();
    expect(await reaches(ready, draft.id, 'sent')).toMatchObject({ error: null });
    expect((await sendsOf(draft.vendorId)).map(({ status }) => status)).toEqual([429, 204]);
  });

  it('a 429 without a body proves nothing: not repeated', async () => {
    const draft = await create(ready, 'draft', { subject: 'Bodyless' });
    await stack.vendor.fault(ready.accountId, { path: ACTION, kind: 'bare-429', afterCommit: true });
    await ready.client.call('sendCampaign', { params: { id: draft.id } });
    await reaches(ready, draft.id, 'sent');
    expect(await sendsOf(draft.vendorId)).toHaveLength(1);
  });

  it.each(['html-502', 'drop'])(
    'the send never happened (%s): unknown, then send_not_started, then a person sends anew',
    async (kind) => {
      const draft = await create(ready, 'draft', { subject: `Never: ${kind}` });
      const params = { id: draft.id };
      await stack.vendor.fault(ready.accountId, { path: ACTION, kind });
      const answer = await ready.client.call('sendCampaign', { params });
      expect(answer).toMatchObject({ status: 'sending', outcome: 'unknown', error: null });
      // Somebody asks again and again: nothing is sent a second time.
      expect(await ready.client.call('sendCampaign', { params })).toMatchObject({ status: 'sending' });
      await stack.advance(5 * MINUTE);
      expect(await read(ready, draft.id)).toMatchObject({ status: 'sending', outcome: 'unknown' });
      for (let minutes = 0; minutes < 15; minutes += 5) await stack.advance(5 * MINUTE);
      const failed = await reaches(ready, draft.id, 'error');
      expect(failed.error).toMatchObject({ code: 'send_not_started', fix: 'Send the campaign again.' });
      expect(await sendsOf(draft.vendorId)).toHaveLength(1);
      await ready.client.call('sendCampaign', { params });
      const sent = await reaches(ready, draft.id, 'sent');
      expect(sent).toMatchObject({ vendorId: draft.vendorId, error: null });
      expect(await sendsOf(draft.vendorId)).toHaveLength(2);
    },
  );

  it('waits as long as the vendor does not tell its state: that is no outcome', async () => {
    const draft = await create(ready, 'draft', { subject: 'Silent' });
    await stack.vendor.fault(ready.accountId, { path: ACTION, kind: 'drop-after-commit' });
    await stack.vendor.fault(ready.accountId, {
      method: 'GET',
      path: `^/3\\.0/campaigns/${draft.vendorId}$`,
      kind: 'json-403',
      times: 'always',
    });
    const answer = await ready.client.call('sendCampaign', { params: { id: draft.id } });
    expect(answer).toMatchObject({ status: 'sending', outcome: 'unknown' });
    for (let minutes = 0; minutes < 20; minutes += 10) await stack.advance(10 * MINUTE);
    expect(await read(ready, draft.id)).toMatchObject({ status: 'sending', outcome: 'unknown', error: null });
    await stack.vendor.tell('DELETE', '/faults');
    await stack.advance(6 * MINUTE);
    expect(await reaches(ready, draft.id, 'sent')).toMatchObject({ error: null });
    expect(await sendsOf(draft.vendorId)).toHaveLength(1);
  });

  it('makes one draft when the answer of its creation is lost', async () => {
    await stack.vendor.fault(ready.accountId, { method: 'POST', path: '^/3\\.0/campaigns$', kind: 'drop-after-commit' });
    const draft = await create(ready, 'draft', { subject: 'Lost and found' });
    expect(draft.status).toBe('draft');
    const made = (await stack.vendor.campaigns()).filter(({ subject }) => subject === 'Lost and found');
    expect(made.map(({ id }) => id)).toEqual([draft.vendorId]);
  });

  it('a campaign that is still being delivered is sending until the vendor says sent', async () => {
    await stack.vendor.settings({ deliveryMs: 30 * MINUTE });
    const draft = await create(ready, 'draft', { subject: 'Slow delivery' });
    expect(await ready.client.call('sendCampaign', { params: { id: draft.id } })).toMatchObject({
      status: 'sending',
      outcome: null,
    });
    await stack.advance(20 * MINUTE);
    expect(await read(ready, draft.id)).toMatchObject({ status: 'sending', error: null });
    await stack.advance(16 * MINUTE);
    expect(await reaches(ready, draft.id, 'sent')).toMatchObject({ error: null });
    expect(await sendsOf(draft.vendorId)).toHaveLength(1);
  });
});
