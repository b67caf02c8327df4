import { describe, expect, it } from '@jest/globals';
import { authenticate, type AuthenticateDeps, type VerifyPerson } from '../../../lambdas/shared/authenticate.ts';
import { newSecret, sha256 } from '../../../src/core/shared/ids.ts';
import type { ApiKey } from '../../../src/core/tenant/api-key.ts';
import { TENANT } from '../../support/factories.ts';
import { testClock } from '../../support/test-clock.ts';

const TAKEN_AT = Date.parse('2026-09-21T06:00:00.500Z');
const TOKEN = 'aaaa.bbbb.cccc';

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
  const deps: AuthenticateDeps = {
    clock: testClock(),
    apiKeys: {
      findByHash: (hash) => Promise.resolve(hash === key.hash ? key : undefined),
      create: () => Promise.reject(new Error('not here')),
      list: () => Promise.resolve([]),
      revoke: () => Promise.resolve(false),
      touch: () => Promise.resolve(),
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
  return { apiKey, call, counted };
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
    const limited = { code: 'rate_limited', extras: { retryAfterSeconds: 7 } };
    await expect(busy.call(`Bearer ${TOKEN}`)).rejects.toMatchObject(limited);
    await expect(busy.call(`Bearer ${busy.apiKey}`)).rejects.toMatchObject(limited);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN} `,
    `bearer ${TOKEN}`,
    `Bearer ${TOKEN}.dddd`,
    'Bearer a.b',
  ])('is nobody with %j', async (credential) => {
    const { call, counted } = open({ verifyPerson: person });
    await expect(call(credential)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(counted).toEqual([]);
  });

  it('is nobody with a token where no issuer is set', async () => {
    await expect(open().call(`Bearer ${TOKEN}`)).rejects.toMatchObject({ code: 'unauthorized' });
  });
});
