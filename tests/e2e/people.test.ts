import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { LOCAL_AUDIENCE } from '../../local/stack/oidc/oidc-endpoint.ts';
import { readSigningKey, signToken } from '../../local/stack/oidc/signing-key.ts';
import { OIDC_ROLE_CLAIM, OIDC_TENANT_CLAIM } from '../../src/contract/manifest.ts';
import type { Route } from '../../src/contract/route.ts';
import { ROUTES } from '../../src/contract/routes.ts';
import { ROLES } from '../../src/contract/settings.ts';
import { byRsa, makeToken, openIssuer, type Issuer } from '../support/open-issuer.ts';
import { problemIn, type Client } from './client.ts';
import { parseJson } from './http.ts';
import { madeToken, openStack, type Stack } from './open-stack.ts';

const HOUR_S = 3_600;
const seconds = (): number => Math.floor(Date.now() / 1_000);

describe('people', () => {
  let stack: Stack;
  let other: Client;
  beforeAll(async () => {
    stack = await openStack();
    other = await stack.tenant('other', '--owner', 'o@other.test');
  });
  afterAll(() => stack.close());

  /** What the issuer of the stack would sign, with a change. */
  const signed = (change: Readonly<Record<string, unknown>> = {}): Client =>
    stack.demo.as(
      signToken(readSigningKey(join(stack.stateDir, 'oidc')), {
        iss: stack.info.endpoints.oidc,
        aud: LOCAL_AUDIENCE,
        sub: 'somebody',
        exp: seconds() + HOUR_S,
        [OIDC_TENANT_CLAIM]: stack.info.tenantId,
        [OIDC_ROLE_CLAIM]: 'owner',
        ...change,
      }),
    );

  it.each(ROLES)('with the role %s may do what the contract says, in every function, and no more', async (role) => {
    const person = await stack.person('--role', role);
    for (const id of ['listCampaigns', 'listApiKeys', 'putSettings', 'createApiKey', 'connect', 'eraseContact'] as const) {
      const route: Route = ROUTES[id];
      const reply = await person.reply(id, { params: { email: 'a@b.test' }, query: { unknown: 1 } });
      const allowed = route.roles?.includes(role) === true;
      expect([id, reply.status]).toEqual([id, allowed ? 400 : 403]);
      expect(problemIn(reply).code).toBe(allowed ? 'invalid_input' : 'forbidden');
    }
  });

  it('belong to the tenant of their token, whatever else a request says', async () => {
    const person = await stack.person('--tenant', other.tenantId);
    await person.call('putSettings', { body: { senderName: 'Set by a person' } });
    expect(await other.call('getSettings')).toMatchObject({ senderName: 'Set by a person' });
    const asked = await person.raw('/v1/settings', {
      headers: { 'x-tenant-id': stack.info.tenantId, cookie: `tenantId=${stack.info.tenantId}` },
    });
    expect(parseJson(asked.text)).toMatchObject({ senderName: 'Set by a person' });
    expect((await stack.demo.call('getSettings')).senderName).not.toBe('Set by a person');
  });

  it('are refused in one way, whatever is wrong with their token', async () => {
    const wrong: Record<string, Client> = {
      expired: signed({ exp: seconds() - 1 }),
      early: signed({ nbf: seconds() + HOUR_S }),
      'of another issuer': signed({ iss: 'http://127.0.0.1:1' }),
      'for another audience': signed({ aud: 'other' }),
      'of no tenant': signed({ [OIDC_TENANT_CLAIM]: undefined }),
      'of an unknown tenant': signed({ [OIDC_TENANT_CLAIM]: 'ten_01J8B0000000000000000000ZZ' }),
      'of no role': signed({ [OIDC_ROLE_CLAIM]: undefined }),
      'of an unknown role': signed({ [OIDC_ROLE_CLAIM]: 'root' }),
      changed: stack.demo.as(`${signed().apiKey ?? ''}A`),
    };
    expect((await signed().reply('getSettings')).status).toBe(200);
    const answers = new Set<string>();
    for (const [what, client] of Object.entries(wrong)) {
      const { instance: _, ...problem } = await client.problem('getSettings');
      expect([what, problem.status, problem.code]).toEqual([what, 401, 'unauthorized']);
      answers.add(JSON.stringify(problem));
    }
    expect(answers.size).toBe(1);
  });

  it("have tokens that end in real time, which the stack's clock does not move", async () => {
    const person = signed();
    await stack.advance(2 * HOUR_S * 1_000);
    expect((await person.reply('getSettings')).status).toBe(200);
  });

  it('get a token from the command line, for an hour, and the key stays with its owner', async () => {
    const made = madeToken.parse(parseJson(await stack.tool('scripts/tenants.ts', 'token', '--local')));
    const left = Date.parse(made.expiresAt) - Date.now();
    expect([left > 3_500_000, left <= 3_600_000]).toEqual([true, true]);
    await expect(stack.tool('scripts/tenants.ts', 'token', '--local', '--role', 'root')).rejects.toThrow(/role/);
    expect(statSync(join(stack.stateDir, 'oidc', 'signing-key.pem')).mode & 0o777).toBe(0o600);
    expect(statSync(join(stack.stateDir, 'oidc')).mode & 0o777).toBe(0o700);
    const page = await fetch(`${stack.info.endpoints.oidc}/jwks`, { headers: { origin: 'https://evil.test' } });
    expect(page.status).toBe(403);
    expect(stack.output()).not.toContain(made.token);
  });
});

describe('an issuer of their own', () => {
  let issuer: Issuer;
  let stack: Stack;
  beforeAll(async () => {
    issuer = await openIssuer();
    stack = await openStack({ env: { OIDC_ISSUER: issuer.url, OIDC_AUDIENCE: 'console' } });
  });
  afterAll(async () => {
    await stack.close();
    await issuer.close();
  });

  it('is believed; while it is silent, its keys serve where they are known, and elsewhere people are told to wait', async () => {
    const claims = {
      iss: issuer.url,
      aud: 'console',
      sub: 'ada',
      exp: seconds() + HOUR_S,
      [OIDC_TENANT_CLAIM]: stack.info.tenantId,
      [OIDC_ROLE_CLAIM]: 'owner',
    };
    const person = stack.demo.as(makeToken({ alg: 'RS256', kid: 'rsa-1' }, claims, byRsa(issuer.rsa.privateKey)));
    expect((await person.reply('getSettings')).status).toBe(200);
    expect((await (await stack.person()).reply('getSettings')).status).toBe(401);
    issuer.stub.answer = () => 'cut';
    await stack.advance(2 * HOUR_S * 1_000);
    expect((await person.reply('getSettings')).status).toBe(200);
    const reply = await person.reply('putSettings', { body: { senderName: 'x' } });
    expect(problemIn(reply)).toMatchObject({ status: 503, code: 'service_unavailable' });
    expect(reply.headers.get('retry-after')).toBe('5');
    expect((await stack.demo.reply('putSettings', { body: { senderName: 'x' } })).status).toBe(200);
  });
});
