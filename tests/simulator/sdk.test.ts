import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSdk, type Sdk } from './open-sdk.ts';
import { describeVendorClient } from './vendor-client-suite.ts';
import { OPERATIONS } from './vendor-operations.ts';
import { HOUR, openSimulator, testClock, type Opened } from './open-simulator.ts';
import { at, columnAt, numberAt, rowsAt, textAt } from './read.ts';
import { openReceiver, type Receiver } from './receiver.ts';

const md5 = (text: string): string => createHash('md5').update(text.toLowerCase()).digest('hex');

describeVendorClient("the vendor's own client library", (opened) => {
  const sdk = openSdk(opened);
  return (operation, ids = [], given) => {
    const [resource, method] = OPERATIONS[operation].sdk;
    return sdk(resource, method, ...ids, ...(given === undefined ? [] : [given]));
  };
});

describe("the vendor's own client library", () => {
  const clock = testClock();
  let opened: Opened;
  let receiver: Receiver;
  let sdk: Sdk;

  beforeAll(async () => {
    opened = await openSimulator({ clock });
    receiver = await openReceiver();
    sdk = openSdk(opened);
  });
  afterAll(async () => {
    await opened.close();
    await receiver.close();
  });

  it('pings and identifies the account, with a token as API key too', async () => {
    expect(await sdk('ping', 'get')).toEqual({ health_status: "Everything's Chimpy!" });
    const root = await openSdk(opened, 'apiKey')('root', 'getRoot');
    expect(root).toMatchObject({
      account_id: opened.accountId,
      account_name: 'Harbor Lane Bakery',
      role: 'owner',
      total_subscribers: 50,
    });
  });

  it('lists audiences with their counts', async () => {
    const answer = await sdk('lists', 'getAllLists', { fields: ['lists.id', 'lists.stats', 'total_items'] });
    expect(answer).toEqual({ lists: [{ id: opened.listId, stats: expect.anything() }], total_items: 1 });
    expect(at(answer, 'lists.0.stats')).toMatchObject({ member_count: 50, unsubscribe_count: 5, cleaned_count: 2 });
  });

  it('adds, changes, archives and erases a member', async () => {
    const email = 'Mona.Kvist@harborlane.test';
    const made = await sdk('lists', 'addListMember', opened.listId, {
      email_address: email,
      status: 'subscribed',
      merge_fields: { FNAME: 'Mona' },
    });
    expect(made).toMatchObject({
      id: md5(email),
      status: 'subscribed',
      full_name: 'Mona',
      last_changed: '2026-09-21T06:03:17+00:00',
    });
    const changed = await sdk('lists', 'updateListMember', opened.listId, md5(email), { merge_fields: { LNAME: 'Kvist' } });
    expect(at(changed, 'merge_fields')).toEqual({ FNAME: 'Mona', LNAME: 'Kvist' });
    const upserted = await sdk('lists', 'setListMember', opened.listId, md5(email), {
      email_address: email,
      status_if_new: 'subscribed',
      vip: true,
    });
    expect(upserted).toMatchObject({ vip: true, full_name: 'Mona Kvist' });
    await sdk('lists', 'deleteListMember', opened.listId, md5(email));
    expect(await sdk('lists', 'getListMember', opened.listId, md5(email))).toMatchObject({ status: 'archived' });
    await sdk('lists', 'deleteListMemberPermanent', opened.listId, md5(email));
    await expect(sdk('lists', 'getListMember', opened.listId, md5(email))).rejects.toMatchObject({ status: 404 });
  });

  it('writes many members at once and hears of the ones that failed', async () => {
    const answer = await sdk('lists', 'batchListMembers', opened.listId, {
      members: [
        { email_address: 'first@harborlane.test', status: 'subscribed' },
        { email_address: 'no address', status: 'subscribed' },
      ],
      update_existing: true,
    });
    expect(answer).toMatchObject({ total_created: 1, total_updated: 0, error_count: 1 });
    expect(at(answer, 'errors.0')).toMatchObject({ email_address: 'no address', error_code: 'ERROR_GENERIC' });
  });

  it('makes a campaign, sends it and reads its report', async () => {
    const campaign = await sdk('campaigns', 'create', {
      type: 'regular',
      recipients: { list_id: opened.listId },
      settings: { subject_line: 'Autumn loaves', title: 'autumn', from_name: 'Harbor Lane', reply_to: 'hello@harborlane.test' },
    });
    const id = textAt(campaign, 'id');
    expect(campaign).toMatchObject({ status: 'save', send_time: '', emails_sent: 0 });
    expect(await sdk('campaigns', 'getSendChecklist', id)).toMatchObject({ is_ready: false });
    const content = await sdk('campaigns', 'setContent', id, { html: '<p>Rye</p><p><a href="*|UNSUB|*">leave</a></p>' });
    expect(content).toMatchObject({ plain_text: 'Rye\nleave' });
    expect(await sdk('campaigns', 'getSendChecklist', id)).toMatchObject({ is_ready: true });
    await sdk('campaigns', 'sendTestEmail', id, { test_emails: ['ines@harborlane.test'], send_type: 'html' });
    await sdk('campaigns', 'send', id);
    expect(await sdk('campaigns', 'get', id)).toMatchObject({ status: 'sending' });
    await expect(sdk('reports', 'getCampaignReport', id)).rejects.toMatchObject({ status: 404 });
    clock.advance(3_000);
    expect(await sdk('campaigns', 'get', id)).toMatchObject({
      status: 'sent',
      send_time: '2026-09-21T06:03:17+00:00',
      emails_sent: 51,
    });
    const report = await sdk('reports', 'getCampaignReport', id);
    expect(report).toMatchObject({
      emails_sent: 51,
      bounces: { hard_bounces: 0, soft_bounces: 1, syntax_errors: 0 },
      list_is_active: true,
    });
    const opens = numberAt(report, 'opens.unique_opens');
    expect(opens).toBeGreaterThan(0);
    expect(numberAt(report, 'clicks.unique_subscriber_clicks')).toBeGreaterThan(0);
    expect(numberAt(report, 'opens.open_rate')).toBeCloseTo(opens / 50, 4);
    clock.advance(72 * HOUR);
    const all = await sdk('reports', 'getAllCampaignReports', { count: 1000 });
    expect(all).toMatchObject({ total_items: 1 });
    expect(numberAt(all, 'reports.0.opens.unique_opens')).toBeGreaterThan(opens);
    expect(columnAt(await sdk('campaigns', 'list', { status: 'sent' }), 'campaigns', 'id')).toEqual([id]);
  });

  it('manages webhooks', async () => {
    const made = await sdk('lists', 'createListWebhook', opened.listId, {
      url: `${receiver.url}/sdk`,
      events: { unsubscribe: true },
      sources: { api: true },
    });
    const id = textAt(made, 'id');
    expect(textAt(made, 'signing_secret')).toMatch(/^mcsig_/);
    const listed = await sdk('lists', 'getListWebhooks', opened.listId);
    expect(listed).toMatchObject({ list_id: opened.listId, total_items: 1, webhooks: [{ id, signing_enabled: true }] });
    expect(rowsAt(listed, 'webhooks')[0]).not.toHaveProperty('signing_secret');
    await sdk('lists', 'updateListWebhook', opened.listId, id, { events: { cleaned: true } });
    expect(await sdk('lists', 'getListWebhook', opened.listId, id)).toMatchObject({
      events: { unsubscribe: true, cleaned: true, upemail: false },
    });
    await sdk('lists', 'deleteListWebhook', opened.listId, id);
    await expect(sdk('lists', 'getListWebhook', opened.listId, id)).rejects.toMatchObject({ status: 404 });
  });

  it('reads templates, automations and verified domains', async () => {
    const template = at(await sdk('templates', 'list'), 'templates.0.id');
    expect(await sdk('templates', 'getDefaultContentForTemplate', String(template))).toMatchObject({
      sections: { header: 'News', body: expect.any(String) },
    });
    const workflow = textAt(await sdk('automations', 'list'), 'automations.0.id');
    expect(rowsAt(await sdk('automations', 'listAllWorkflowEmails', workflow), 'emails')).toHaveLength(2);
    expect(await sdk('verifiedDomains', 'getVerifiedDomainsAll')).toMatchObject({
      domains: [{ domain: 'harborlane.test', status: 'AUTHENTICATED' }],
    });
  });

  it('gets errors as problem documents', async () => {
    const error = await sdk('lists', 'getList', '0000000000').catch((failure: unknown) => failure);
    expect(error).toMatchObject({ status: 404, response: { body: { title: 'Resource Not Found', status: 404 } } });
    expect(textAt(error, 'response.body.instance')).toBe(textAt(error, 'response.headers.x-request-id'));
  });
});
