import { call, HOUR, MINUTE, type Opened, type Reply, type TestClock } from '../open-simulator.ts';
import { at, numberAt, rowsAt, textAt } from '../read.ts';

export interface Tourist {
  readonly opened: Opened;
  readonly clock: TestClock;
  /** Answers the validation call of a webhook. */
  readonly hookUrl: string;
}

const REDIRECT = 'http://127.0.0.1:9/callback';
const SETTINGS = { subject_line: 'Rye', from_name: 'Harbor Lane', reply_to: 'hello@harborlane.test' };
const HTML = '<p>Rye</p><p><a href="*|UNSUB|*">leave</a></p>';
const REPORT_PARTS = ['', '/unsubscribed', '/abuse-reports', '/sent-to', '/open-details', '/click-details', '/email-activity'];

type Api = (method: string, path: string, body?: unknown) => Promise<unknown>;

/**
 * Calls every route of the simulator as a client might, and expects success of each.
 * @throws Error at the first call that went otherwise
 */
export async function tour({ opened, clock, hookUrl }: Tourist): Promise<void> {
  const { listId } = opened;
  const api: Api = async (method, path, body) => expectStatus(await opened.api(method, path, body), method, path, [200, 204]);
  await opened.control('PATCH', `/accounts/${opened.accountId}`, { proEnabled: true });
  await signIn(opened);
  for (const path of ['/', '/ping', '/authorized-apps']) await api('GET', path);
  await members(opened, api);
  await segments(api, listId);
  await webhooks(api, listId, hookUrl);
  await campaigns(opened, api, clock);
  await complaints(opened, api, clock);
  await others(opened, api);
  await lists(api);
}

function expectStatus({ status, body, text }: Reply, method: string, path: string, expected: readonly number[]): unknown {
  if (expected.includes(status)) return body;
  throw new Error(`${method} ${path} was answered with ${status}: ${text}`);
}

async function signIn({ url, accountId }: Opened): Promise<void> {
  const asked = new URLSearchParams({ response_type: 'code', client_id: 'tour', redirect_uri: REDIRECT, state: 's' });
  await call('GET', `${url}/oauth2/authorize?${asked.toString()}`);
  const decision = new URLSearchParams([...asked, ['decision', 'approve'], ['account_id', accountId]]);
  const back = await call('POST', `${url}/oauth2/authorize`, decision);
  const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', client_id: 'tour', client_secret: 's', redirect_uri: REDIRECT, code };
  const token = textAt((await call('POST', `${url}/oauth2/token`, new URLSearchParams(form))).body, 'access_token');
  const metadata = await call('GET', `${url}/oauth2/metadata`, undefined, { authorization: `OAuth ${token}` });
  expectStatus(metadata, 'GET', '/oauth2/metadata', [200]);
}

async function members(opened: Opened, api: Api): Promise<void> {
  const { listId } = opened;
  const path = `/lists/${listId}/members`;
  const email = 'mona.kvist@harborlane.test';
  const made = await api('POST', path, {
    email_address: email,
    status: 'subscribed',
    merge_fields: { FNAME: 'Mona' },
    tags: ['vip'],
  });
  const again = await opened.api('POST', path, { email_address: email, status: 'subscribed' });
  expectStatus(again, 'POST', path, [400]);
  const one = `${path}/${textAt(made, 'id')}`;
  await api('GET', one);
  await api('PUT', one, { email_address: email, status_if_new: 'subscribed', vip: true });
  await api('PATCH', one, { status: 'unsubscribed' });
  for (const status of ['subscribed', 'unsubscribed', 'cleaned']) await api('GET', `${path}?status=${status}&count=100`);
  await api('GET', `/search-members?query=${encodeURIComponent(email)}&list_id=${listId}`);
  await api('DELETE', one);
  await api('POST', `${one}/actions/delete-permanent`);
  await api('POST', `/lists/${listId}`, {
    members: [
      { email_address: 'bulk@harborlane.test', status: 'subscribed', email_type: 'html' },
      { email_address: 'no address', status: 'subscribed' },
    ],
    update_existing: true,
  });
}

async function segments(api: Api, listId: string): Promise<void> {
  const list = `/lists/${listId}`;
  const email = 'bulk@harborlane.test';
  const category = textAt(await api('POST', `${list}/interest-categories`, { title: 'Bread', type: 'checkboxes' }), 'id');
  const interests = `${list}/interest-categories/${category}/interests`;
  await api('GET', `${list}/interest-categories/${category}`);
  await api('POST', interests, { name: 'Rye' });
  await api('GET', interests);
  await api('POST', `${list}/members/${email}/tags`, { tags: [{ name: 'Regulars', status: 'active' }] });
  await api('GET', `${list}/members/${email}/tags`);
  await api('GET', `${list}/tag-search?name=Reg`);
  const segment = `${list}/segments/${numberAt(await api('POST', `${list}/segments`, { name: 'Bread', static_segment: [email] }), 'id')}`;
  await api('GET', `${list}/segments`);
  await api('GET', segment);
  await api('POST', segment, { members_to_remove: [email] });
  await api('POST', segment, { members_to_add: [email] });
  await api('GET', `${segment}/members`);
  await api('PATCH', segment, { name: 'Loaves' });
  await api('DELETE', segment);
}

async function webhooks(api: Api, listId: string, url: string): Promise<void> {
  const path = `/lists/${listId}/webhooks`;
  const one = `${path}/${textAt(await api('POST', path, { url, events: { unsubscribe: true }, sources: { api: true } }), 'id')}`;
  await api('GET', path);
  await api('GET', one);
  await api('PATCH', one, { events: { cleaned: true } });
  await api('DELETE', one);
}

async function campaigns(opened: Opened, api: Api, clock: TestClock): Promise<void> {
  const recipients = { list_id: opened.listId };
  const make = async (type: string, content: object): Promise<string> => {
    const path = `/campaigns/${textAt(await api('POST', '/campaigns', { type, recipients, settings: SETTINGS }), 'id')}`;
    await api('PUT', `${path}/content`, content);
    await api('GET', `${path}/content`);
    return path;
  };
  const plain = await make('plaintext', { plain_text: 'Rye' });
  await api('DELETE', plain);
  const path = await make('regular', { html: HTML });
  await api('PATCH', path, { settings: { ...SETTINGS, title: 'autumn' }, tracking: { opens: true } });
  await api('GET', `${path}/send-checklist`);
  await api('POST', `${path}/actions/test`, { test_emails: ['ines@harborlane.test'], send_type: 'html' });
  const quarter = Math.ceil((clock.now() + HOUR) / (15 * MINUTE)) * 15 * MINUTE;
  await api('POST', `${path}/actions/schedule`, { schedule_time: new Date(quarter).toISOString() });
  await api('POST', `${path}/actions/unschedule`);
  for (const action of ['pause', 'resume']) {
    const name = `${path}/actions/${action}`;
    expectStatus(await opened.api('POST', name), 'POST', name, [400]);
  }
  const copy = `/campaigns/${textAt(await api('POST', `${path}/actions/replicate`), 'id')}`;
  const templateId = at(await api('GET', '/templates'), 'templates.0.id');
  await api('PUT', `${copy}/content`, { template: { id: templateId, sections: { header: 'Rye' } } });
  await api('POST', `${copy}/actions/send`);
  await api('GET', copy);
  await api('POST', `${copy}/actions/cancel-send`);
  await api('POST', `${path}/actions/send`);
  clock.advance(HOUR);
  await api('GET', path);
  await api('GET', copy);
  await api('GET', '/campaigns?status=sent&sort_field=send_time&sort_dir=DESC');
  await api('GET', '/reports');
}

async function complaints(opened: Opened, api: Api, clock: TestClock): Promise<void> {
  const { listId } = opened;
  const campaignId = textAt(await api('GET', '/campaigns?status=sent'), 'campaigns.0.id');
  const page = await api('GET', `/lists/${listId}/members?status=subscribed`);
  const [angry = '', tired = ''] = rowsAt(page, 'members').map((row) => textAt(row, 'email_address'));
  await opened.control('POST', `/members/${listId}/${angry}/complain`, { campaignId });
  await opened.control('POST', `/members/${listId}/${tired}/unsubscribe`, { campaignId });
  clock.advance(MINUTE);
  const reports = `/lists/${listId}/abuse-reports`;
  await api('GET', `${reports}/${String(at(await api('GET', reports), 'abuse_reports.0.id'))}`);
  for (const part of REPORT_PARTS) await api('GET', `/reports/${campaignId}${part}`);
  for (const part of ['activity', 'growth-history', 'interest-categories', 'merge-fields', 'segments']) {
    await api('GET', `/lists/${listId}/${part}`);
  }
}

async function others(opened: Opened, api: Api): Promise<void> {
  const template = `/templates/${String(at(await api('GET', '/templates'), 'templates.0.id'))}`;
  await api('GET', template);
  await api('GET', `${template}/default-content`);
  const automation = `/automations/${textAt(await api('GET', '/automations'), 'automations.0.id')}`;
  await api('GET', automation);
  await api('GET', `${automation}/emails/${textAt(await api('GET', `${automation}/emails`), 'emails.0.id')}`);
  const domain = '/verified-domains/newhome.test';
  await api('POST', '/verified-domains', { verification_email: 'postmaster@newhome.test' });
  const account = rowsAt((await opened.control('GET', '/accounts')).body, 'accounts').find(
    (row) => at(row, 'id') === opened.accountId,
  );
  const known = rowsAt(account, 'domains').find((row) => at(row, 'domain') === 'newhome.test');
  await api('POST', `${domain}/actions/verify`, { code: textAt(known, 'code') });
  await api('GET', domain);
  await api('GET', '/verified-domains');
  await api('DELETE', domain);
}

async function lists(api: Api): Promise<void> {
  const contact = { company: 'Bakery', address1: '4 Harbor Lane', city: 'Aarhus', state: '', zip: '8000', country: 'DK' };
  const list = {
    name: 'Second',
    contact,
    permission_reminder: 'You asked.',
    email_type_option: false,
    campaign_defaults: { from_name: 'Bakery', from_email: 'hello@harborlane.test', subject: '', language: 'en' },
  };
  const made = await api('POST', '/lists', list);
  const path = `/lists/${textAt(made, 'id')}`;
  await api('GET', '/lists?count=1001');
  await api('GET', `${path}?include_total_contacts=true`);
  await api('PATCH', path, { ...list, name: 'Third' });
  await api('DELETE', path);
}
