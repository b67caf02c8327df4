import { testQuirks, type Bench } from './quirk-cases.ts';
import { at, columnAt, namesOf, textAt } from './read.ts';

const has = (body: unknown, name: string): boolean => namesOf(body).includes(name);
const faultedBody = async ({ api, control }: Bench, kind: string): Promise<unknown[]> => {
  await control('POST', '/faults', { kind });
  const reply = await api('GET', '/lists');
  return [reply.status, reply.headers.get('content-type'), has(reply.body, 'detail'), has(reply.body, 'ref_no')];
};

testQuirks('transport', [
  [
    'plain-http-is-refused',
    async ({ api }) => (await api('GET', '/ping', undefined, { 'x-forwarded-proto': 'http' })).status,
    426,
    200,
  ],
  [
    'override-on-post-only',
    async ({ api }) => (await api('PUT', '/ping', {}, { 'x-http-method-override': 'GET' })).status,
    422,
    200,
  ],
  [
    'errors-on-request',
    async ({ api }) => (await api('GET', '/ping', undefined, { 'x-trigger-error': 'ResourceNotFound' })).status,
    404,
    200,
  ],
  [
    'instance-is-request-id',
    async ({ api }) => {
      const reply = await api('GET', '/lists/unknown');
      const instance = textAt(reply.body, 'instance');
      return [instance === reply.headers.get('x-request-id'), instance.startsWith('urn:uuid:')];
    },
    [true, false],
    [false, true],
  ],
  ['errors-without-type', async ({ api }) => has((await api('GET', '/lists/unknown')).body, 'type'), false, true],
  [
    'member-errors-without-type',
    async ({ api, listId, someone }) => {
      const twice = await api('POST', `/lists/${listId}/members`, { email_address: await someone(), status: 'subscribed' });
      const back = await api('POST', `/lists/${listId}/members`, { email_address: 'nonsense', status: 'subscribed' });
      return [textAt(twice.body, 'title'), has(twice.body, 'type'), has(back.body, 'type')];
    },
    ['Member Exists', false, true],
    ['Member Exists', true, true],
  ],
  [
    'missing-dates-are-empty',
    async ({ api, listId }) => {
      const made = await api('POST', '/campaigns', { type: 'regular', recipients: { list_id: listId } });
      return [at(made.body, 'send_time'), at(made.body, 'settings.subject_line')];
    },
    ['', ''],
    [null, ''],
  ],
  [
    'fields-drop-the-total',
    async ({ api }) => namesOf((await api('GET', '/lists?fields=lists.id')).body).toSorted(),
    ['lists'],
    ['lists', 'total_items'],
  ],
  [
    'fields-exclude-each-other',
    async ({ api }) => {
      const { status, body } = await api('GET', '/lists?fields=lists,total_items&exclude_fields=lists');
      return [status, has(body, 'total_items'), has(body, 'lists')];
    },
    [400, false, false],
    [200, true, false],
  ],
  ['unknown-fields-pass', async ({ api }) => (await api('GET', '/lists?fields=lists.nmae')).status, 200, 422],
  ['sloppy-booleans', async ({ api }) => (await api('GET', '/lists?include_total_contacts=yes')).status, 200, 400],
  [
    'bounds-are-exclusive',
    async ({ api, control, listId }) => {
      const lastChanged = '2026-09-20T10:00:00+00:00';
      await control('POST', `/lists/${listId}/members`, { members: [{ email: 'rye@readers.test', lastChanged }] });
      const found = async (bound: string): Promise<unknown[]> => {
        const query = new URLSearchParams({ count: '100', [bound]: lastChanged });
        const page = await api('GET', `/lists/${listId}/members?${query.toString()}`);
        return columnAt(page.body, 'members', 'email_address').filter((email) => email === 'rye@readers.test');
      };
      return [(await found('since_last_changed')).length, (await found('before_last_changed')).length];
    },
    [0, 0],
    [1, 1],
  ],
  [
    'gateway-errors-are-html',
    (bench) => faultedBody(bench, 'html-502'),
    [502, 'text/html', false, false],
    [502, 'application/problem+json; charset=utf-8', true, false],
  ],
  [
    'edge-errors-have-their-own-shape',
    (bench) => faultedBody(bench, 'akamai-503'),
    [503, 'application/json; charset=utf-8', false, true],
    [503, 'application/problem+json; charset=utf-8', true, false],
  ],
]);
