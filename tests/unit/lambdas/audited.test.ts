import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AppError } from '../../../src/core/shared/app-error.ts';
import { planCrash } from '../../support/crashes.ts';
import { TENANT } from '../../support/factories.ts';
import { fakeHasher } from '../../support/fake-suppressions.ts';
import { openApi, type Effect } from '../../support/open-api.ts';

const A_KEY = { name: 'ci', role: 'editor' };
const A_CAMPAIGN = { audienceId: 'aud_0123456789abcdef', subject: 'Loaves', html: '<p>Rye</p>' };
const LIFTED = { params: { email: 'Mira@Example.test' }, body: { reason: 'asked by mira@example.test' } };
/** What the functions logged. */
const printed: string[] = [];
beforeAll(() => {
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => printed.push(String(chunk)) > 0);
});
afterAll(() => {
  jest.restoreAllMocks();
});

/** Counts how often it happens. */
const counted = (): Effect & { times: number } => ({
  times: 0,
  act() {
    this.times++;
    return Promise.resolve();
  },
});
const failing = (error: Error): Effect => ({ act: () => Promise.reject(error) });

describe('a request that the trail takes down', () => {
  it('has its entry before it works, and its outcome afterwards', async () => {
    const api = openApi();
    const meanwhile: unknown[] = [];
    const { status } = await api.answer(
      'createApiKey',
      { apiKey: api.keyOf['owner'] ?? '', body: A_KEY, headers: { 'user-agent': 'x'.repeat(300) }, requestId: 'request-7' },
      {
        act: (audit) => {
          meanwhile.push(...api.entries());
          audit.tell({ target: { type: 'api_key', id: 'key_new' } });
          audit.tell({ after: A_KEY });
          return Promise.resolve();
        },
      },
    );
    expect(status).toBe(201);
    const started = {
      tenantId: TENANT,
      at: '2026-09-21T06:00:00.000Z',
      action: 'api_key.created',
      outcome: 'started',
      error: null,
      actor: { kind: 'key', id: 'key_of_owner', name: 'The owner', role: 'owner' },
      target: null,
      before: null,
      after: null,
      ip: '192.0.2.7',
      userAgent: 'x'.repeat(256),
      requestId: 'request-7',
    };
    expect(meanwhile).toEqual([{ ...started, id: expect.stringMatching(/^evt_[0-9A-Z]{26}$/) }]);
    expect(api.entries()).toEqual([
      { ...started, id: expect.any(String), outcome: 'success', target: { type: 'api_key', id: 'key_new' }, after: A_KEY },
    ]);
  });

  it('names what its path names, though it ends without a word', async () => {
    const api = openApi();
    const apiKey = api.keyOf['owner'] ?? '';
    await api.answer('complete', { apiKey, params: { platform: 'mailchimp' }, body: {} });
    await api.answer('sendCampaign', { apiKey, params: { id: 'cmp_0123456789abcdef' } });
    expect(api.entries().map(({ action, target }) => [action, target])).toEqual([
      ['connection.completed', { type: 'connection', id: 'mailchimp' }],
      ['campaign.sent', { type: 'campaign', id: 'cmp_0123456789abcdef' }],
    ]);
  });

  it('names a person by the keyed hash of the normalised address, and nowhere otherwise', async () => {
    const api = openApi();
    const apiKey = api.keyOf['owner'] ?? '';
    await api.answer('liftSuppression', { apiKey, ...LIFTED });
    await api.answer('addSuppression', { apiKey, body: { email: 'MIRA@example.test', reason: 'mira@example.test called' } });
    const id = await fakeHasher.hash(TENANT, 'mira@example.test');
    expect(api.entries().map(({ target }) => target)).toEqual([
      { type: 'suppression', id },
      { type: 'suppression', id },
    ]);
    expect(JSON.stringify(api.entries())).not.toMatch(/mira|@/i);
    expect(printed.join('')).not.toMatch(/mira/i);
  });

  it.each([
    ['a refusal with its code', new AppError('last_owner_key', 'No.'), 409, 'failure', 'last_owner_key'],
    ['a bug', new TypeError('undefined is not a function'), 500, 'failure', 'internal_error'],
    ['a refusal by role in the handler', new AppError('forbidden', 'No.'), 403, 'denied', 'forbidden'],
  ])('keeps %s', async (_, error, status, outcome, code) => {
    const api = openApi();
    const answer = await api.answer('createApiKey', { apiKey: api.keyOf['admin'] ?? '', body: A_KEY }, failing(error));
    expect(answer.status).toBe(status);
    expect(api.entries()).toMatchObject([{ outcome, error: code, actor: { id: 'key_of_admin' } }]);
  });

  it('keeps what was told before a failure', async () => {
    const api = openApi();
    const act: Effect['act'] = (audit) => {
      audit.tell({ before: { status: 'connected' } });
      throw new AppError('vendor_unavailable', 'Silence.');
    };
    await api.answer('sendCampaign', { apiKey: api.keyOf['editor'] ?? '', params: { id: 'cmp_0123456789abcdef' } }, { act });
    expect(api.entries()).toMatchObject([{ outcome: 'failure', error: 'vendor_unavailable', before: { status: 'connected' } }]);
  });

  it('is a failure when the handler says so, though the answer is a success', async () => {
    const api = openApi();
    const act: Effect['act'] = (audit) => {
      audit.tell({ error: 'sender_unverified' });
      return Promise.resolve();
    };
    const body = { ...A_CAMPAIGN, action: 'send' };
    expect(await api.answer('createCampaign', { apiKey: api.keyOf['owner'] ?? '', body }, { act })).toMatchObject({
      status: 201,
    });
    expect(api.entries()).toMatchObject([{ action: 'campaign.sent', outcome: 'failure', error: 'sender_unverified' }]);
  });

  it('is denied by its role with an entry, and the handler is not reached', async () => {
    const api = openApi();
    const effect = counted();
    const answer = await api.answer('liftSuppression', { apiKey: api.keyOf['viewer'] ?? '', ...LIFTED }, effect);
    expect([answer.status, effect.times]).toEqual([403, 0]);
    expect(api.entries()).toMatchObject([
      {
        action: 'suppression.lifted',
        outcome: 'denied',
        error: 'forbidden',
        actor: { id: 'key_of_viewer', role: 'viewer' },
        target: { type: 'suppression', id: await fakeHasher.hash(TENANT, 'mira@example.test') },
      },
    ]);
  });

  it('is not there for what mails nobody, for a malformed request, or for nobody', async () => {
    const api = openApi();
    const [owner = '', viewer = ''] = [api.keyOf['owner'], api.keyOf['viewer']];
    const statuses = [
      await api.answer('createCampaign', { apiKey: owner, body: { ...A_CAMPAIGN, action: 'draft' } }),
      await api.answer('createCampaign', { apiKey: viewer, body: { ...A_CAMPAIGN, action: 'draft' } }),
      await api.answer('createCampaign', { apiKey: viewer, body: 'no json' }),
      await api.answer('createApiKey', { apiKey: owner, body: { name: 'ci', role: 'king' } }),
      await api.answer('createApiKey', { apiKey: 'ilx_test_unknown', body: A_KEY }),
      await api.answer('getSettings', { apiKey: owner }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([201, 403, 403, 400, 401, 200]);
    expect(api.entries()).toEqual([]);
    await api.answer('createCampaign', { apiKey: viewer, body: { ...A_CAMPAIGN, action: 'send' } });
    expect(api.entries()).toMatchObject([{ action: 'campaign.sent', outcome: 'denied' }]);
  });
});

describe('an Idempotency-Key', () => {
  const input = (apiKey = '') => ({
    apiKey,
    body: { email: 'mira@example.test' },
    headers: { 'idempotency-key': 'once' },
  });

  it('makes one entry, however often its answer is given', async () => {
    const api = openApi();
    for (const _ of [1, 2, 3]) await api.answer('addSuppression', input(api.keyOf['owner']));
    expect(api.entries()).toMatchObject([{ outcome: 'success' }]);
  });

  it('gives the answer to nobody whose role may not ask', async () => {
    const api = openApi();
    await api.answer('addSuppression', input(api.keyOf['owner']));
    expect(await api.answer('addSuppression', input(api.keyOf['viewer']))).toMatchObject({ status: 403 });
    expect(api.entries().map(({ outcome }) => outcome)).toEqual(['success', 'denied']);
  });
});

describe('a trail that cannot be written', () => {
  it('stops a request before anything happens', async () => {
    const api = openApi();
    const effect = counted();
    jest.spyOn(api.audit, 'write').mockRejectedValueOnce(new TypeError('a store that is away'));
    const request = { apiKey: api.keyOf['owner'] ?? '', body: A_KEY };
    const answer = await api.answer('createApiKey', request, effect);
    expect([answer.status, effect.times]).toEqual([503, 0]);
    expect(answer.body).toContain('service_unavailable');
    expect(api.log.lines).toMatchObject([{ level: 'error', event: 'audit.not_opened', fields: { fault: 'TypeError' } }]);
    expect(await api.answer('createApiKey', request, effect)).toMatchObject({ status: 201 });
    expect([effect.times, api.entries().length]).toEqual([1, 1]);
  });

  it('is not shown to somebody who is denied either', async () => {
    const api = openApi();
    jest.spyOn(api.audit, 'write').mockRejectedValueOnce(new AppError('service_unavailable', 'Away.'));
    expect(await api.answer('createApiKey', { apiKey: api.keyOf['viewer'] ?? '', body: A_KEY })).toMatchObject({ status: 503 });
  });

  it('takes back no success: the entry stays open, and the log says so', async () => {
    const api = openApi();
    jest.spyOn(api.audit, 'close').mockRejectedValueOnce(new AppError('service_unavailable', 'Away.'));
    expect(await api.answer('createApiKey', { apiKey: api.keyOf['owner'] ?? '', body: A_KEY })).toMatchObject({ status: 201 });
    expect(api.entries()).toMatchObject([{ outcome: 'started' }]);
    expect(api.log.lines).toMatchObject([{ level: 'error', event: 'audit.not_closed', fields: { action: 'api_key.created' } }]);
  });

  it('does not hide why a request failed', async () => {
    const api = openApi();
    jest.spyOn(api.audit, 'close').mockRejectedValueOnce(new Error('away'));
    const request = { apiKey: api.keyOf['owner'] ?? '', body: A_KEY };
    const answer = await api.answer('createApiKey', request, failing(new AppError('last_owner_key', 'No.')));
    expect(answer.status).toBe(409);
  });

  // The calls of one request: the entry, the effect, the end of the entry.
  it.each([1, 2, 3].flatMap((at) => (['before', 'after'] as const).map((when) => ({ at, when }))))(
    'leaves no effect without an entry when the process ends $when call $at',
    async ({ at, when }) => {
      const crashes = planCrash({ at, when });
      const api = openApi(() => crashes.startProcess());
      const effect = counted();
      await api.answer('createApiKey', { apiKey: api.keyOf['owner'] ?? '', body: A_KEY }, effect);
      expect(crashes.calls.made).toBe(at);
      const happened = at > 2 || (at === 2 && when === 'after');
      const written = at > 1 || when === 'after';
      const closed = at === 3 && when === 'after';
      expect(effect.times).toBe(happened ? 1 : 0);
      expect(api.entries().map(({ outcome }) => outcome)).toEqual(written ? [closed ? 'success' : 'started'] : []);
    },
  );
});
