import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { ROUTES, ROUTE_IDS } from '../../src/contract/routes.ts';
import type { Route } from '../../src/contract/route.ts';
import { ROLES, type Role } from '../../src/contract/settings.ts';
import { problemIn, type Client } from './client.ts';
import { parseAs } from './http.ts';
import { openStack, type Stack } from './open-stack.ts';

const PARAMS = { id: 'cmp_0123456789abcdef', email: 'a@b.test', platform: 'mailchimp' };
const routes = ROUTE_IDS.map((id): { id: (typeof ROUTE_IDS)[number]; route: Route } => ({ id, route: ROUTES[id] }));
const guarded = routes.filter(({ route }) => route.roles !== null);

describe('who may call', () => {
  let stack: Stack;
  let owner: Client;

  beforeAll(async () => {
    stack = await openStack();
    owner = await stack.tenant('guarded', '--owner', 'o@guarded.test');
  });
  afterAll(() => stack.close());

  it('leaves only the few routes open that must be', () => {
    const open = routes.filter(({ route }) => route.roles === null).map(({ id }) => id);
    expect(open.sort()).toEqual(['docs', 'health', 'oauthCallback', 'openapi', 'webhook', 'webhookWithId', 'webhookWithSlash']);
  });

  it.each([
    ['no credential', undefined],
    ['an unknown key', `ilx_local_${'A'.repeat(43)}`],
    ['a malformed key', 'secret'],
  ])('every other route refuses %s, before it looks at anything else', async (_, key) => {
    const nobody = owner.as(key);
    for (const { id } of guarded) {
      const problem = await nobody.problem(id, { params: PARAMS, body: undefined });
      expect([id, problem.status, problem.code]).toEqual([id, 401, 'unauthorized']);
    }
  });

  it('refuses other schemes of authentication', async () => {
    for (const authorization of [`Basic ${owner.apiKey}`, owner.apiKey ?? '', `Bearer  ${owner.apiKey} x`, 'Bearer']) {
      expect(problemIn(await owner.raw('/v1/settings', { headers: { authorization } }))).toMatchObject({ status: 401 });
    }
  });

  it('gives each role what the contract says, and no more', async () => {
    const keys = new Map<Role, Client>();
    for (const role of ROLES) keys.set(role, owner.as((await owner.call('createApiKey', { body: { name: role, role } })).apiKey));
    for (const { id, route } of guarded) {
      for (const [role, client] of keys) {
        const reply = await client.reply(id, { params: PARAMS, query: { unknown: 1 } });
        const allowed = route.roles?.includes(role) === true;
        // The request is wrong, so that an allowed one does nothing; who may not call is not even told what is wrong.
        const { status, code } = problemIn(reply);
        expect([id, role, status === 403]).toEqual([id, role, !allowed]);
        expect(allowed ? ['invalid_input', 'not_found'] : ['forbidden']).toContain(code);
      }
    }
  });

  it('lets a writer draft but not send', async () => {
    const writer = owner.as((await owner.call('createApiKey', { body: { name: 'w', role: 'writer' } })).apiKey);
    const body = { audienceId: 'aud_0123456789abcdef', subject: 'x', html: '<p>x</p>', action: 'send' };
    expect(await writer.problem('createCampaign', { body })).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await writer.problem('createCampaign', { body: { ...body, action: 'draft' } })).toMatchObject({
      status: 409,
      code: 'not_connected',
    });
  });

  it('keeps the last key of the owner, and the keys of higher roles from lower ones', async () => {
    const lone = await stack.tenant('lone', '--owner', 'o@lone.test');
    const own = (await lone.call('listApiKeys')).items.filter(({ role }) => role === 'owner');
    expect(own).toHaveLength(1);
    const params = { id: own[0]?.id ?? '' };
    expect(await lone.problem('revokeApiKey', { params })).toMatchObject({ status: 409, code: 'last_owner_key' });
    const made = await lone.call('createApiKey', { body: { name: 'An admin', role: 'admin' } });
    expect(await lone.as(made.apiKey).problem('revokeApiKey', { params })).toMatchObject({ status: 403, code: 'forbidden' });
    await lone.call('revokeApiKey', { params: { id: made.id } });
    expect((await lone.call('listApiKeys')).items.map(({ id }) => id)).toContain(params.id);
  });

  it('shows a key once, lists it without the key, and revokes it', async () => {
    const made = await owner.call('createApiKey', { body: { name: 'Short-lived', role: 'editor' } });
    expect(made.apiKey).toMatch(/^ilx_local_[0-9A-Za-z_-]{43}$/);
    const listing = await owner.raw('/v1/api-keys?limit=1000');
    expect(listing.text).toContain(made.id);
    expect(listing.text).not.toContain(made.apiKey);
    const holder = owner.as(made.apiKey);
    await holder.call('listCampaigns');
    await owner.call('revokeApiKey', { params: { id: made.id } });
    expect((await owner.call('listApiKeys', { query: { limit: 1000 } })).items.some(({ id }) => id === made.id)).toBe(false);
    // Held for at most a minute where it was just used.
    await stack.advance(61_000);
    expect(await holder.problem('listCampaigns')).toMatchObject({ status: 401 });
    expect(await owner.problem('revokeApiKey', { params: { id: made.id } })).toMatchObject({ status: 404 });
  });

  it('documents every route and every error code', async () => {
    const schema = z.object({
      openapi: z.string(),
      paths: z.record(z.string(), z.record(z.string(), z.looseObject({ operationId: z.string() }))),
    });
    const document = parseAs(schema, await owner.as(undefined).raw('/v1/openapi.json'));
    expect(document.openapi).toMatch(/^3\.1/);
    const documented = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(documented.sort()).toEqual(
      routes
        .filter(({ route }) => route.path.startsWith('/v1/'))
        .map(({ id }) => id)
        .sort(),
    );
    const docs = await owner.as(undefined).raw('/v1/docs');
    expect(docs.headers.get('content-type')).toMatch(/^text\/html/);
    expect(docs.text).toContain('sender_unverified');
  });
});
