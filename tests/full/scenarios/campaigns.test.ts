import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { readyTenant, sync, type Ready } from '../../e2e/connect.ts';
import { atVendor, create, reaches, read, type Campaign } from '../../e2e/drafts.ts';
import type { Stack } from '../../e2e/open-stack.ts';
import { openQuietStack } from './open-quiet-stack.ts';

const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const ACTION = '^/3\\.0/campaigns/[^/]+/actions/send$';
const checklist = z.object({ is_ready: z.boolean(), items: z.array(z.object({ type: z.string(), heading: z.string() })) });

describe('campaigns', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await openQuietStack();
    await stack.vendor.settings({ deliveryMs: 0 });
  });
  afterAll(() => stack.close());

  const ready = (slug: string): Promise<Ready> => readyTenant(stack, slug);
  const sends = async ({ accountId }: Ready, { vendorId }: Campaign) =>
    (await stack.vendor.sendsOf(accountId, vendorId ?? '')).map(({ status }) => status);
  const shown = ({ accountId }: Ready, { vendorId }: Campaign) => atVendor(stack.vendor, accountId, vendorId);
  const send = ({ client }: Ready, { id }: Campaign) => client.call('sendCampaign', { params: { id } });
  const owner = ({ accountId }: Ready, { vendorId }: Campaign, action: string, body?: unknown) =>
    stack.vendor.askAsOwner(accountId, 'POST', `/campaigns/${vendorId}/actions/${action}`, body);
  const mailings = async (subject: string) =>
    (await stack.vendor.campaigns()).filter((campaign) => campaign.subject === subject).map(({ status }) => status);
  const quarterIn = async (ms: number) => new Date(Math.ceil(((await stack.now()) + ms) / QUARTER_MS) * QUARTER_MS);

  it('campaign-unverified-sender: the vendor takes the draft and refuses the mailing; here it is refused before', async () => {
    const tenant = await ready('unverified');
    await tenant.client.call('putSettings', { body: { senderEmail: 'news@elsewhere.test' } });
    const draft = await create(tenant, 'draft');
    expect(await shown(tenant, draft)).toMatchObject({ status: 'save', settings: { reply_to: 'news@elsewhere.test' } });
    const list = await stack.vendor.read(tenant.accountId, `/campaigns/${draft.vendorId}/send-checklist`, checklist);
    expect([list.is_ready, list.items.filter(({ type }) => type === 'error').map(({ heading }) => heading)]).toEqual([
      false,
      ['From email'],
    ]);
    const problem = await tenant.client.problem('sendCampaign', { params: { id: draft.id } });
    expect(problem).toMatchObject({ status: 422, code: 'sender_unverified' });
    expect(await sends(tenant, draft)).toEqual([]);
    expect(await owner(tenant, draft, 'send')).toMatchObject({ status: 400 });
    await stack.vendor.tell('POST', `/accounts/${tenant.accountId}/domains`, { domain: 'elsewhere.test' });
    await send(tenant, draft);
    expect(await reaches(tenant, draft.id, 'sent')).toMatchObject({ error: null });
    expect(await sends(tenant, draft)).toEqual([400, 204]);
  });

  it('campaign-send-timeout-then-sent: cut by Mailchimp at 120 s, and the mail is out: one mailing, asked for once', async () => {
    const tenant = await ready('silent');
    const draft = await create(tenant, 'draft', { subject: 'Out without a word' });
    await stack.vendor.fault(tenant.accountId, { path: ACTION, kind: 'timeout-after-commit', ms: 200 });
    expect(['sending', 'sent']).toContain((await send(tenant, draft)).status);
    expect(await reaches(tenant, draft.id, 'sent')).toMatchObject({ error: null, vendorId: draft.vendorId });
    await send(tenant, draft).catch(() => undefined);
    await stack.advance(30 * MINUTE_MS);
    // The vendor's log has no status for what was not answered.
    expect(await sends(tenant, draft)).toEqual([0]);
    expect(await mailings('Out without a word')).toEqual(['sent']);
    expect(await shown(tenant, draft)).toMatchObject({ status: 'sent', emails_sent: 12 });
  });

  it('campaign-send-timeout-never-sent: cut by Mailchimp at 120 s before anything went out, nobody is told that it went, and only a person sends it again', async () => {
    const tenant = await ready('never');
    const draft = await create(tenant, 'draft', { subject: 'Never out' });
    await stack.vendor.fault(tenant.accountId, { path: ACTION, kind: 'timeout', ms: 200 });
    expect(await send(tenant, draft)).toMatchObject({ status: 'sending', outcome: 'unknown', error: null });
    for (let minutes = 0; minutes < 20; minutes += 5) await stack.advance(5 * MINUTE_MS);
    expect((await reaches(tenant, draft.id, 'error')).error).toMatchObject({ code: 'send_not_started' });
    expect([await sends(tenant, draft), await mailings('Never out')]).toEqual([[0], ['save']]);
    await send(tenant, draft);
    expect(await reaches(tenant, draft.id, 'sent')).toMatchObject({ error: null, vendorId: draft.vendorId });
    expect([await sends(tenant, draft), await mailings('Never out')]).toEqual([[0, 204], ['sent']]);
  });

  it('campaign-double-click-send: however often and however fast it is clicked, it is mailed once', async () => {
    const tenant = await ready('hasty');
    const draft = await create(tenant, 'draft', { subject: 'Once' });
    await stack.vendor.fault(tenant.accountId, { path: ACTION, kind: 'latency', ms: 300 });
    const clicks = await Promise.all(
      Array.from({ length: 5 }, () => tenant.client.reply('sendCampaign', { params: { id: draft.id } })),
    );
    expect(clicks.some(({ status }) => status === 200)).toBe(true);
    await reaches(tenant, draft.id, 'sent');
    await tenant.client.reply('sendCampaign', { params: { id: draft.id } });
    expect([await sends(tenant, draft), await mailings('Once')]).toEqual([[204], ['sent']]);
    // The vendor has no key that makes a send idempotent: its status is all that refuses.
    const again = await owner(tenant, draft, 'send');
    expect([again.status, again.text.includes('Cannot send')]).toEqual([400, true]);
    expect(await shown(tenant, draft)).toMatchObject({ status: 'sent', emails_sent: 12 });
  });

  it('schedule-not-quarter: the vendor refuses any time between the quarters, and the draft is what it was', async () => {
    const tenant = await ready('unpunctual');
    const draft = await create(tenant, 'draft');
    const quarter = (await quarterIn(60 * MINUTE_MS)).getTime();
    const past = quarter - 24 * 60 * MINUTE_MS;
    for (const at of [quarter + 7 * MINUTE_MS, quarter + 30_000, past]) {
      const refused = await owner(tenant, draft, 'schedule', { schedule_time: new Date(at).toISOString() });
      expect([refused.status, refused.text.includes('This campaign cannot be scheduled: .')]).toEqual([400, true]);
    }
    expect(await shown(tenant, draft)).toMatchObject({ status: 'save' });
    await sync(tenant.client, 'metrics');
    expect(await read(tenant, draft.id)).toMatchObject({ status: 'draft', error: null });
    expect((await owner(tenant, draft, 'schedule', { schedule_time: new Date(quarter).toISOString() })).status).toBe(204);
    await sync(tenant.client, 'metrics');
    expect(await read(tenant, draft.id)).toMatchObject({ status: 'draft', vendorStatus: 'schedule' });
  });

  it('unschedule: who sends now takes the plan back first, and at the planned time nothing goes out again', async () => {
    const tenant = await ready('impatient');
    const draft = await create(tenant, 'draft', { subject: 'Now, not later' });
    const kept = await create(tenant, 'draft', { subject: 'Not at all' });
    const at = await quarterIn(30 * MINUTE_MS);
    const plan = { schedule_time: at.toISOString() };
    for (const campaign of [draft, kept]) expect((await owner(tenant, campaign, 'schedule', plan)).status).toBe(204);
    expect((await owner(tenant, kept, 'unschedule')).status).toBe(204);
    expect((await owner(tenant, kept, 'unschedule')).status).toBe(400);
    await sync(tenant.client, 'metrics');
    expect(await read(tenant, draft.id)).toMatchObject({ vendorStatus: 'schedule' });
    await stack.vendor.tell('DELETE', '/calls');
    await send(tenant, draft);
    expect(await reaches(tenant, draft.id, 'sent')).toMatchObject({ error: null });
    const actions = (await stack.vendor.calls(tenant.accountId)).filter(({ path }) => path.includes('/actions/'));
    expect(actions.map(({ path, status }) => [path.split('/').at(-1), status])).toEqual([
      ['unschedule', 204],
      ['send', 204],
    ]);
    await stack.advance(at.getTime() - (await stack.now()) + 2 * MINUTE_MS);
    expect([await mailings('Now, not later'), await mailings('Not at all')]).toEqual([['sent'], ['save']]);
    expect((await sends(tenant, draft)).length).toBe(1);
  });

  it('delete-while-sending: refused on both sides while it goes out, possible at the vendor afterwards', async () => {
    const tenant = await ready('regretful');
    const draft = await create(tenant, 'draft', { subject: 'Too late' });
    await stack.vendor.settings({ deliveryMs: 30 * MINUTE_MS });
    expect(await send(tenant, draft)).toMatchObject({ status: 'sending' });
    const problem = await tenant.client.problem('deleteCampaign', { params: { id: draft.id } });
    expect(problem).toMatchObject({ status: 409, code: 'campaign_not_editable' });
    const path = `/campaigns/${draft.vendorId}`;
    const remove = async () => (await stack.vendor.askAsOwner(tenant.accountId, 'DELETE', path)).status;
    expect(await remove()).toBe(405);
    expect(await shown(tenant, draft)).toMatchObject({ status: 'sending' });
    await stack.advance(36 * MINUTE_MS);
    expect(await reaches(tenant, draft.id, 'sent')).toMatchObject({ error: null });
    await stack.vendor.settings({ deliveryMs: 0 });
    expect([await remove(), await remove()]).toEqual([204, 404]);
    expect((await stack.vendor.askAsOwner(tenant.accountId, 'GET', path)).status).toBe(404);
    await sync(tenant.client, 'metrics');
    // It was mailed: that stays true.
    expect(await read(tenant, draft.id)).toMatchObject({ status: 'sent', error: null });
  });
});
