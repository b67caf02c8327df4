import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { authenticate, type AuthenticateDeps, type VerifyPerson } from '../../../lambdas/shared/authenticate.ts';
import { MINUTE } from '../../../src/core/shared/clock.ts';
import { newSecret, sha256 } from '../../../src/core/shared/ids.ts';
import type { ApiKey } from '../../../src/core/tenant/api-key.ts';
import { TENANT } from '../../support/factories.ts';
import { testClock } from '../../support/test-clock.ts';

const TAKEN_AT = Date.parse('2026-09-21T06:00:00.500Z');
const TOKEN = 'aaaa.bbbb.cccc';
const UNKNOWN = { code: 'unauthorized', message: 'The credential is not known.' };

function open({ verifyPerson, wait = 0 }: { verifyPerson?: VerifyPerson; wait?: number } = {}) {
  const apiKey = `ilx_test_${newSecret()}`;
  const key: ApiKey = {
    id: 'key_01J8B0000000000000000000KK',
    tenantId: TENANT,
    name: 'Shop',
    role: 'editor',
    hash: sha256(apiKey),
    createdAt: '2026-09-01T00:00:00.000Z',
    lastUsedAt: null,
  };
  const counted: string[] = [];
  const clock = testClock();
  const touched: string[] = [];
  const store = { isRevoked: false, reads: 0, touched, touch: () => Promise.resolve() };
  const deps: AuthenticateDeps = {
    clock,
    apiKeys: {
      findByHash: (hash) => {
        store.reads++;
        return Promise.resolve(hash === key.hash && !store.isRevoked ? key : undefined);
      },
      create: () => Promise.reject(new Error('not here')),
      list: () => Promise.resolve([]),
      revoke: () => Promise.resolve(false),
      touch: ({ id }, at) => {
        touched.push(`${id} ${at}`);
        return store.touch();
      },
    },
    rates: {
      count: (tenantId) => {
        counted.push(tenantId);
        return Promise.resolve(wait);
      },
    },
    verifyPerson,
  };
  const call = (credential: string | undefined) =>
    authenticate(deps, { headers: { authorization: credential }, requestContext: { timeEpoch: TAKEN_AT } });
  return { apiKey, call, counted, clock, store };
}

const person: VerifyPerson = (jwt, at) =>
  Promise.resolve({
    tenantId: TENANT,
    role: 'viewer',
    actor: `user:${String(at)}`,
    actorKind: 'user',
    actorName: jwt,
  });

describe('the caller', () => {
  it('is a key, with its name', async () => {
    const { apiKey, call } = open();
    expect(await call(`Bearer ${apiKey}`)).toEqual({
      tenantId: TENANT,
      role: 'editor',
      actor: 'key_01J8B0000000000000000000KK',
      actorKind: 'key',
      actorName: 'Shop',
    });
  });

  it('is a person, whose token is judged by the time the gateway took the request', async () => {
    const { call } = open({ verifyPerson: person });
    expect(await call(`Bearer ${TOKEN}`)).toMatchObject({ actor: `user:${String(TAKEN_AT)}`, actorName: TOKEN });
  });

  it('is held to the rate limit of the tenant, person or key', async () => {
    const { call, counted } = open({ verifyPerson: person });
    await call(`Bearer ${TOKEN}`);
    expect(counted).toEqual([TENANT]);
    const busy = open({ verifyPerson: person, wait: 7 });
    const limited = {
      code: 'rate_limited',
      message: 'The tenant reached its limit of requests per minute.',
      extras: { retryAfterSeconds: 7 },
    };
    await expect(busy.call(`Bearer ${TOKEN}`)).rejects.toMatchObject(limited);
    await expect(busy.call(`Bearer ${busy.apiKey}`)).rejects.toMatchObject(limited);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    `Basic ${TOKEN}`,
    `x Bearer ${TOKEN}`,
    `Bearer ${TOKEN} `,
    `bearer ${TOKEN}`,
    `Bearer ${TOKEN}.dddd`,
    'Bearer a.b',
  ])('is nobody with %j', async (credential) => {
    const { call, counted } = open({ verifyPerson: person });
    await expect(call(credential)).rejects.toMatchObject(UNKNOWN);
    expect(counted).toEqual([]);
  });

  it('is nobody with a token where no issuer is set', async () => {
    await expect(open().call(`Bearer ${TOKEN}`)).rejects.toMatchObject(UNKNOWN);
  });

  it('is nobody with a key that something is before or behind', async () => {
    const { apiKey, call, store } = open();
    await expect(call(`x Bearer ${apiKey}`)).rejects.toMatchObject(UNKNOWN);
    await expect(call(`Bearer ${apiKey}0`)).rejects.toMatchObject(UNKNOWN);
    expect(store.reads).toBe(0);
  });
});

describe('a key', () => {
  it('is looked up once a minute, and works so long after it was revoked', async () => {
    const { apiKey, call, clock, store } = open();
    await call(`Bearer ${apiKey}`);
    store.isRevoked = true;
    clock.advance(MINUTE - 1);
    expect(await call(`Bearer ${apiKey}`)).toMatchObject({ actorName: 'Shop' });
    expect(store.reads).toBe(1);
    clock.advance(1);
    for (let i = 0; i < 2; i++) await expect(call(`Bearer ${apiKey}`)).rejects.toMatchObject(UNKNOWN);
    expect(store.reads).toBe(3);
  });

  it('is not looked up again because another one came in between', async () => {
    const [one, another] = [open(), open()];
    await one.call(`Bearer ${one.apiKey}`);
    await another.call(`Bearer ${another.apiKey}`);
    await one.call(`Bearer ${one.apiKey}`);
    expect(one.store.reads).toBe(1);
  });

  it('is forgotten before the keys of a thousand others are remembered with it', async () => {
    const first = open();
    await first.call(`Bearer ${first.apiKey}`);
    for (let i = 0; i < 1_000; i++) {
      const { apiKey, call } = open();
      await call(`Bearer ${apiKey}`);
    }
    await first.call(`Bearer ${first.apiKey}`);
    expect(first.store.reads).toBe(2);
  });

  it('has its use noted whenever it is looked up', async () => {
    const { apiKey, call, clock, store } = open();
    await call(`Bearer ${apiKey}`);
    clock.advance(MINUTE);
    await call(`Bearer ${apiKey}`);
    await call(`Bearer ${apiKey}`);
    expect(store.touched).toEqual([
      'key_01J8B0000000000000000000KK 2026-09-21T06:00:00.000Z',
      'key_01J8B0000000000000000000KK 2026-09-21T06:01:00.000Z',
    ]);
  });

  describe('whose use cannot be noted', () => {
    afterEach(() => {
      jest.restoreAllMocks();
    });

    it('works all the same, and the log says so without its name', async () => {
      const printed: string[] = [];
      jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => printed.push(String(chunk)) > 0);
      const { apiKey, call, store } = open();
      store.touch = () => Promise.reject(new TypeError('The store of Shop is away.'));
      expect(await call(`Bearer ${apiKey}`)).toMatchObject({ actorName: 'Shop' });
      const [line = '', ...more] = printed;
      expect(more).toEqual([]);
      expect(JSON.parse(line)).toEqual({
        level: 'warn',
        event: 'api_key.not_touched',
        at: expect.any(String),
        tenantId: TENANT,
        keyId: 'key_01J8B0000000000000000000KK',
        fault: 'TypeError',
        where: expect.stringMatching(/authenticate\.test\.ts:\d+:\d+\)$/),
      });
    });
  });
});
