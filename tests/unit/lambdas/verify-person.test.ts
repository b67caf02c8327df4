import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { OIDC_ROLE_CLAIM, OIDC_TENANT_CLAIM } from '../../../src/contract/manifest.ts';
import { MINUTE, SECOND } from '../../../src/core/shared/clock.ts';
import { TENANT } from '../../support/factories.ts';
import { byEc, byHmac, byRsa, makeToken, rsaPair } from '../../support/open-issuer.ts';
import { openPeople, REFUSED, RS256, seconds, type People } from '../../support/open-people.ts';

const stranger = rsaPair();

let people: People;
beforeEach(async () => {
  people = await openPeople();
});
afterEach(() => people.issuer.close());

describe('a token of the issuer', () => {
  it('tells who the person is', async () => {
    expect(await people.verifier()(people.token(), people.clock.now())).toEqual({
      tenantId: TENANT,
      role: 'editor',
      actor: 'user:b1946ac9',
      actorKind: 'user',
      actorName: 'ada@harborlane.test',
    });
  });

  it('may be signed with an elliptic curve', async () => {
    const signed = makeToken({ alg: 'ES256', kid: 'ec-1' }, people.claims(), byEc(people.issuer.ec.privateKey));
    expect(await people.verifier()(signed, people.clock.now())).toMatchObject({ actor: 'user:b1946ac9' });
  });

  it('names the person by address, else by name, else by id', async () => {
    const verify = people.verifier();
    const named = async (change: Record<string, unknown>) => (await verify(people.token(change), people.clock.now())).actorName;
    expect(await named({ preferred_username: 'ada' })).toBe('ada@harborlane.test');
    expect(await named({ email: undefined, preferred_username: 'ada' })).toBe('ada');
    expect(await named({ email: 7 })).toBe('b1946ac9');
  });

  it('may keep tenant and role in other claims, and in lists of one', async () => {
    const verify = people.verifier({ tenantClaim: 'https://acme.test/tenant', roleClaim: 'roles' });
    const renamed = people.token({
      'https://acme.test/tenant': [TENANT],
      roles: ['admin'],
      [OIDC_TENANT_CLAIM]: 'ten_ignored00',
    });
    expect(await verify(renamed, people.clock.now())).toMatchObject({ tenantId: TENANT, role: 'admin' });
    await expect(
      verify(people.token({ 'https://acme.test/tenant': TENANT, roles: ['admin', 'owner'] }), people.clock.now()),
    ).rejects.toMatchObject(REFUSED);
  });

  it('may be meant for several', async () => {
    expect(await people.verifier()(people.token({ aud: ['another', 'console'] }), people.clock.now())).toMatchObject({
      role: 'editor',
    });
  });

  it('is judged by the time it is told, and not by a clock of its own', async () => {
    const verify = people.verifier();
    const { exp } = people.claims();
    expect(await verify(people.token(), exp * SECOND - 1)).toMatchObject({ tenantId: TENANT });
    await expect(verify(people.token(), exp * SECOND)).rejects.toMatchObject(REFUSED);
  });

  it('may come from a clock that is half a minute ahead, and no further', async () => {
    const verify = people.verifier();
    const now = seconds(people.clock.now()) * SECOND;
    const from = (inSeconds: number) => people.token({ nbf: seconds(now) + inSeconds });
    expect(await verify(from(30), now)).toMatchObject({ tenantId: TENANT });
    await expect(verify(from(31), now)).rejects.toMatchObject(REFUSED);
  });
});

describe('a token is refused, with one answer,', () => {
  const cases: [what: string, make: () => string][] = [
    ['without a signature', () => makeToken({ alg: 'none', kid: 'rsa-1' }, people.claims(), () => Buffer.from('x'))],
    ['with an empty signature', () => makeToken({ alg: 'none', kid: 'rsa-1' }, people.claims(), () => Buffer.alloc(0))],
    [
      'signed with the public key as a shared secret',
      () => {
        const pem = people.issuer.rsa.publicKey.export({ type: 'spki', format: 'pem' });
        return makeToken({ ...RS256, alg: 'HS256' }, people.claims(), byHmac(pem));
      },
    ],
    ['of another issuer', () => people.token({ iss: 'https://other.test' })],
    ['without an issuer', () => people.token({ iss: undefined })],
    ['for another audience', () => people.token({ aud: 'other' })],
    ['without an audience', () => people.token({ aud: undefined })],
    ['that expired', () => people.token({ exp: seconds(people.clock.now()) - 1 })],
    ['that never expires', () => people.token({ exp: undefined })],
    ['that is not valid yet', () => people.token({ nbf: seconds(people.clock.now()) + 60 })],
    ['without a key id', () => makeToken({ alg: 'RS256' }, people.claims(), byRsa(people.issuer.rsa.privateKey))],
    ['with an unknown key id', () => makeToken({ ...RS256, kid: 'rsa-2' }, people.claims(), byRsa(people.issuer.rsa.privateKey))],
    ['signed with the key of another issuer', () => makeToken(RS256, people.claims(), byRsa(stranger.privateKey))],
    ['signed with another of its keys', () => makeToken(RS256, people.claims(), byEc(people.issuer.ec.privateKey))],
    [
      'whose claims were changed',
      () => {
        const [header, , signature] = people.token().split('.');
        const owner = Buffer.from(JSON.stringify(people.claims({ [OIDC_ROLE_CLAIM]: 'owner' }))).toString('base64url');
        return [header, owner, signature].join('.');
      },
    ],
    ['without a person', () => people.token({ sub: undefined })],
    ['without a tenant', () => people.token({ [OIDC_TENANT_CLAIM]: undefined })],
    ['of an unknown tenant', () => people.token({ [OIDC_TENANT_CLAIM]: 'ten_01J8B0000000000000000000ZZ' })],
    ['of what is no tenant', () => people.token({ [OIDC_TENANT_CLAIM]: '../..' })],
    ['without a role', () => people.token({ [OIDC_ROLE_CLAIM]: undefined })],
    ['with an unknown role', () => people.token({ [OIDC_ROLE_CLAIM]: 'root' })],
    ['that is no JSON', () => 'aaaa.bbbb.cccc'],
  ];
  it.each(cases)('%s', async (_, make) => {
    const verify = people.verifier();
    expect(await verify(people.token(), people.clock.now())).toMatchObject({ tenantId: TENANT });
    await expect(verify(make(), people.clock.now())).rejects.toMatchObject(REFUSED);
  });

  it('with any one character changed', async () => {
    const verify = people.verifier();
    for (const right of [
      people.token(),
      makeToken({ alg: 'ES256', kid: 'ec-1' }, people.claims(), byEc(people.issuer.ec.privateKey)),
    ]) {
      expect(await verify(right, people.clock.now())).toMatchObject({ tenantId: TENANT });
      const at = fc.oneof(fc.nat(right.length - 1), fc.constantFrom(right.length - 1, right.length - 2));
      const character = fc.constantFrom(...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/'));
      await fc.assert(
        fc.asyncProperty(at, character, async (index, other) => {
          fc.pre(right[index] !== other);
          const changed = right.slice(0, index) + other + right.slice(index + 1);
          await expect(verify(changed, people.clock.now())).rejects.toMatchObject(REFUSED);
        }),
        { numRuns: 300 },
      );
    }
  });
});

describe('the tenant', () => {
  it('is looked up once a minute', async () => {
    const verify = people.verifier();
    await verify(people.token(), people.clock.now());
    people.tenants.clear();
    people.clock.advance(MINUTE - 1);
    expect(await verify(people.token(), people.clock.now())).toMatchObject({ tenantId: TENANT });
    expect(people.reads()).toBe(1);
    people.clock.advance(1);
    await expect(verify(people.token(), people.clock.now())).rejects.toMatchObject(REFUSED);
  });

  it('is not looked up again because another one came in between', async () => {
    const verify = people.verifier();
    const other = 'ten_01J8B0000000000000000000ZZ';
    people.tenants.add(other);
    for (const tenant of [TENANT, other, TENANT, other])
      await verify(people.token({ [OIDC_TENANT_CLAIM]: tenant }), people.clock.now());
    expect(people.reads()).toBe(2);
  });
});
