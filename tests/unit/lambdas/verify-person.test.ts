import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { VerifyPerson } from '../../../lambdas/shared/authenticate.ts';
import { makeVerifyPerson, type PeopleSettings } from '../../../lambdas/shared/verify-person.ts';
import { OIDC_ROLE_CLAIM, OIDC_TENANT_CLAIM } from '../../../src/contract/manifest.ts';
import { HOUR, MINUTE, SECOND } from '../../../src/core/shared/clock.ts';
import { aTenant, TENANT } from '../../support/factories.ts';
import { asJwk, byEc, byHmac, byRsa, makeToken, openIssuer, rsaPair, type Issuer } from '../../support/open-issuer.ts';
import { testClock } from '../../support/test-clock.ts';

const clock = testClock();
const stranger = rsaPair();
const AUDIENCE = 'console';
const RS256 = { alg: 'RS256', kid: 'rsa-1', typ: 'JWT' };
const seconds = (ms: number): number => Math.floor(ms / SECOND);

let issuer: Issuer;
let tenants: Set<string>;
let reads: number;

beforeEach(async () => {
  issuer = await openIssuer();
  tenants = new Set([TENANT]);
  reads = 0;
});
afterEach(() => issuer.close());

const verifier = (change: Partial<PeopleSettings> = {}): VerifyPerson => {
  const get = (id: string) => {
    reads++;
    return Promise.resolve(tenants.has(id) ? aTenant({ id }) : undefined);
  };
  const claimNames = { tenantClaim: OIDC_TENANT_CLAIM, roleClaim: OIDC_ROLE_CLAIM };
  const settings = { issuer: issuer.url, audience: AUDIENCE, jwksUrl: undefined, ...claimNames, ...change };
  return makeVerifyPerson({ clock, tenants: { get } }, settings);
};
const claims = (change: Record<string, unknown> = {}) => ({
  iss: issuer.url,
  aud: AUDIENCE,
  sub: 'b1946ac9',
  exp: seconds(clock.now() + HOUR),
  [OIDC_TENANT_CLAIM]: TENANT,
  [OIDC_ROLE_CLAIM]: 'editor',
  email: 'ada@harborlane.test',
  ...change,
});
const token = (change: Record<string, unknown> = {}) => makeToken(RS256, claims(change), byRsa(issuer.rsa.privateKey));
const asked = (path: string): number => issuer.stub.requests.filter((request) => request.path === path).length;
const REFUSED = { code: 'unauthorized', message: 'The credential is not known.' };
const SILENT = { code: 'service_unavailable', extras: { retryAfterSeconds: 5 } };

describe('a token of the issuer', () => {
  it('tells who the person is', async () => {
    expect(await verifier()(token(), clock.now())).toEqual({
      tenantId: TENANT,
      role: 'editor',
      actor: 'user:b1946ac9',
      actorKind: 'user',
      actorName: 'ada@harborlane.test',
    });
  });

  it('may be signed with an elliptic curve', async () => {
    const signed = makeToken({ alg: 'ES256', kid: 'ec-1' }, claims(), byEc(issuer.ec.privateKey));
    expect(await verifier()(signed, clock.now())).toMatchObject({ actor: 'user:b1946ac9' });
  });

  it('names the person by address, else by name, else by id', async () => {
    const verify = verifier();
    const named = async (change: Record<string, unknown>) => (await verify(token(change), clock.now())).actorName;
    expect(await named({ preferred_username: 'ada' })).toBe('ada@harborlane.test');
    expect(await named({ email: undefined, preferred_username: 'ada' })).toBe('ada');
    expect(await named({ email: 7 })).toBe('b1946ac9');
  });

  it('may keep tenant and role in other claims, and in lists of one', async () => {
    const verify = verifier({ tenantClaim: 'https://acme.test/tenant', roleClaim: 'roles' });
    const renamed = token({ 'https://acme.test/tenant': [TENANT], roles: ['admin'], [OIDC_TENANT_CLAIM]: 'ten_ignored00' });
    expect(await verify(renamed, clock.now())).toMatchObject({ tenantId: TENANT, role: 'admin' });
    await expect(
      verify(token({ 'https://acme.test/tenant': TENANT, roles: ['admin', 'owner'] }), clock.now()),
    ).rejects.toMatchObject(REFUSED);
  });

  it('may be meant for several', async () => {
    expect(await verifier()(token({ aud: ['another', AUDIENCE] }), clock.now())).toMatchObject({ role: 'editor' });
  });

  it('is judged by the time it is told, and not by a clock of its own', async () => {
    const verify = verifier();
    const { exp } = claims();
    expect(await verify(token(), exp * SECOND - 1)).toMatchObject({ tenantId: TENANT });
    await expect(verify(token(), exp * SECOND)).rejects.toMatchObject(REFUSED);
  });
});

describe('a token is refused, with one answer,', () => {
  const cases: [what: string, make: () => string][] = [
    ['without a signature', () => makeToken({ alg: 'none', kid: 'rsa-1' }, claims(), () => Buffer.from('x'))],
    ['with an empty signature', () => makeToken({ alg: 'none', kid: 'rsa-1' }, claims(), () => Buffer.alloc(0))],
    [
      'signed with the public key as a shared secret',
      () => {
        const pem = issuer.rsa.publicKey.export({ type: 'spki', format: 'pem' });
        return makeToken({ ...RS256, alg: 'HS256' }, claims(), byHmac(pem));
      },
    ],
    ['of another issuer', () => token({ iss: 'https://other.test' })],
    ['without an issuer', () => token({ iss: undefined })],
    ['for another audience', () => token({ aud: 'other' })],
    ['without an audience', () => token({ aud: undefined })],
    ['that expired', () => token({ exp: seconds(clock.now()) - 1 })],
    ['that never expires', () => token({ exp: undefined })],
    ['that is not valid yet', () => token({ nbf: seconds(clock.now()) + 60 })],
    ['without a key id', () => makeToken({ alg: 'RS256' }, claims(), byRsa(issuer.rsa.privateKey))],
    ['with an unknown key id', () => makeToken({ ...RS256, kid: 'rsa-2' }, claims(), byRsa(issuer.rsa.privateKey))],
    ['signed with the key of another issuer', () => makeToken(RS256, claims(), byRsa(stranger.privateKey))],
    ['signed with another of its keys', () => makeToken(RS256, claims(), byEc(issuer.ec.privateKey))],
    [
      'whose claims were changed',
      () => {
        const [header, , signature] = token().split('.');
        const owner = Buffer.from(JSON.stringify(claims({ [OIDC_ROLE_CLAIM]: 'owner' }))).toString('base64url');
        return [header, owner, signature].join('.');
      },
    ],
    ['without a person', () => token({ sub: undefined })],
    ['without a tenant', () => token({ [OIDC_TENANT_CLAIM]: undefined })],
    ['of an unknown tenant', () => token({ [OIDC_TENANT_CLAIM]: 'ten_01J8B0000000000000000000ZZ' })],
    ['of what is no tenant', () => token({ [OIDC_TENANT_CLAIM]: '../..' })],
    ['without a role', () => token({ [OIDC_ROLE_CLAIM]: undefined })],
    ['with an unknown role', () => token({ [OIDC_ROLE_CLAIM]: 'root' })],
    ['that is no JSON', () => 'aaaa.bbbb.cccc'],
  ];
  it.each(cases)('%s', async (_, make) => {
    const verify = verifier();
    expect(await verify(token(), clock.now())).toMatchObject({ tenantId: TENANT });
    await expect(verify(make(), clock.now())).rejects.toMatchObject(REFUSED);
  });

  it('with any one character changed', async () => {
    const verify = verifier();
    for (const right of [token(), makeToken({ alg: 'ES256', kid: 'ec-1' }, claims(), byEc(issuer.ec.privateKey))]) {
      expect(await verify(right, clock.now())).toMatchObject({ tenantId: TENANT });
      const at = fc.oneof(fc.nat(right.length - 1), fc.constantFrom(right.length - 1, right.length - 2));
      const character = fc.constantFrom(...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/'));
      await fc.assert(
        fc.asyncProperty(at, character, async (index, other) => {
          fc.pre(right[index] !== other);
          const changed = right.slice(0, index) + other + right.slice(index + 1);
          await expect(verify(changed, clock.now())).rejects.toMatchObject(REFUSED);
        }),
        { numRuns: 300 },
      );
    }
  });
});

describe('the tenant', () => {
  it('is looked up once a minute', async () => {
    const verify = verifier();
    await verify(token(), clock.now());
    tenants.clear();
    clock.advance(MINUTE - 1);
    expect(await verify(token(), clock.now())).toMatchObject({ tenantId: TENANT });
    expect(reads).toBe(1);
    clock.advance(1);
    await expect(verify(token(), clock.now())).rejects.toMatchObject(REFUSED);
  });
});

describe('the keys of the issuer', () => {
  it('are found once and then remembered', async () => {
    const verify = verifier();
    for (let i = 0; i < 3; i++) await verify(token(), clock.now());
    expect([asked('/.well-known/openid-configuration'), asked('/keys')]).toEqual([1, 1]);
  });

  it('may be at an address that is given', async () => {
    await verifier({ jwksUrl: `${issuer.url}/keys` })(token(), clock.now());
    expect(asked('/.well-known/openid-configuration')).toBe(0);
  });

  it('may change: a new one is found by the first token it signs', async () => {
    const verify = verifier();
    await verify(token(), clock.now());
    issuer.keys.push(asJwk(stranger.publicKey, 'rsa-2', 'RS256'));
    const signed = makeToken({ ...RS256, kid: 'rsa-2' }, claims(), byRsa(stranger.privateKey));
    expect(await verify(signed, clock.now())).toMatchObject({ tenantId: TENANT });
  });

  it('are not asked for again with every unknown key id', async () => {
    const verify = verifier();
    const unknown = makeToken({ ...RS256, kid: 'x' }, claims(), byRsa(issuer.rsa.privateKey));
    for (let i = 0; i < 5; i++) await expect(verify(unknown, clock.now())).rejects.toMatchObject(REFUSED);
    expect(asked('/keys')).toBe(2);
  });

  it('are not asked for because of what another issuer made', async () => {
    await expect(verifier()(token({ iss: 'https://other.test' }), clock.now())).rejects.toMatchObject(REFUSED);
    await expect(verifier()('aaaa.bbbb.cccc', clock.now())).rejects.toMatchObject(REFUSED);
    expect(issuer.stub.requests).toEqual([]);
  });

  it('are trusted for an hour after they were taken back', async () => {
    const verify = verifier();
    await verify(token(), clock.now());
    issuer.keys.shift();
    clock.advance(HOUR);
    await expect(verify(token(), clock.now())).rejects.toMatchObject(REFUSED);
  });

  it('serve on while the issuer is silent, but not for a key that nobody has seen', async () => {
    const verify = verifier();
    await verify(token(), clock.now());
    issuer.stub.answer = () => 'cut';
    clock.advance(HOUR);
    expect(await verify(token(), clock.now())).toMatchObject({ tenantId: TENANT });
    const unseen = makeToken({ ...RS256, kid: 'rsa-2' }, claims(), byRsa(issuer.rsa.privateKey));
    await expect(verify(unseen, clock.now())).rejects.toMatchObject(SILENT);
  });

  it('leave everybody waiting, not refused, while they cannot be read, and are asked for every five seconds', async () => {
    const { answer } = issuer.stub;
    const verify = verifier();
    issuer.stub.answer = () => ({ status: 500 });
    for (let i = 0; i < 3; i++) await expect(verify(token(), clock.now())).rejects.toMatchObject(SILENT);
    expect(issuer.stub.requests).toHaveLength(1);
    issuer.stub.answer = answer;
    clock.advance(5 * SECOND);
    expect(await verify(token(), clock.now())).toMatchObject({ tenantId: TENANT });
  });

  const discovered = (document: unknown): Issuer['stub']['answer'] => {
    const { answer } = issuer.stub;
    return (request) => (request.path === '/keys' ? answer(request) : { status: 200, json: document });
  };
  const keysAs = (keys: Issuer['stub']['answer']): Issuer['stub']['answer'] => {
    const { answer } = issuer.stub;
    return (request) => {
      if (request.path === '/moved') return answer({ ...request, path: '/keys' });
      return request.path === '/keys' ? keys(request) : answer(request);
    };
  };
  const broken: [what: string, answer: () => Issuer['stub']['answer']][] = [
    ['a document of another issuer', () => discovered({ issuer: `${issuer.url}/`, jwks_uri: `${issuer.url}/keys` })],
    ['keys without TLS', () => discovered({ issuer: issuer.url, jwks_uri: `${elsewhere()}/keys` })],
    ['no address of keys', () => discovered({ issuer: issuer.url })],
    ['no JSON', () => () => ({ status: 200, text: '<html>' })],
    [
      'something endless',
      () => keysAs(() => ({ status: 200, text: JSON.stringify({ keys: issuer.keys }) + ' '.repeat(300 * 1024) })),
    ],
    ['a redirect', () => keysAs(() => ({ status: 302, headers: { location: `${issuer.url}/moved` } }))],
    ['no keys', () => keysAs(() => ({ status: 200, json: { keys: 'none' } }))],
  ];
  it.each(broken)('are not taken from %s', async (_, answer) => {
    issuer.stub.answer = answer();
    await expect(verifier()(token(), clock.now())).rejects.toMatchObject(SILENT);
  });

  /** Reaches the stub, but by a name that is not known to stay on this machine. */
  const elsewhere = () => issuer.url.replace('127.0.0.1', '[::ffff:127.0.0.1]');

  it('are never asked for without TLS beyond this machine', async () => {
    const given = verifier({ jwksUrl: `${elsewhere()}/keys` });
    await expect(given(token(), clock.now())).rejects.toMatchObject(SILENT);
    const found = verifier({ issuer: elsewhere() });
    await expect(found(token({ iss: elsewhere() }), clock.now())).rejects.toMatchObject(SILENT);
    const mixed = verifier({ issuer: 'https://issuer.example.test', jwksUrl: `${issuer.url}/keys` });
    await expect(mixed(token({ iss: 'https://issuer.example.test' }), clock.now())).rejects.toMatchObject(SILENT);
    expect(issuer.stub.requests).toEqual([]);
  });
});
