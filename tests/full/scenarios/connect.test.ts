import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import type { Simulator } from '../../../local/simulator/public-interface.ts';
import { start } from '../../../local/simulator/start.ts';
import { connect, connectFully, consent, decide, locationOf, readyTenant, returnUrlOf, sync } from '../../e2e/connect.ts';
import { create, reaches } from '../../e2e/drafts.ts';
import { http } from '../../e2e/http.ts';
import type { Stack } from '../../e2e/open-stack.ts';
import type { Client } from '../../e2e/client.ts';
import { tokensOf } from '../../e2e/table.ts';
import { openQuietStack } from './open-quiet-stack.ts';

const HOSTS = pathToFileURL(resolve(import.meta.dirname, '../../support/vendor-hosts.mjs')).href;
const accountAnswer = z.object({ id: z.string(), loginId: z.number() });
const counters = z.object({ peakInFlightOfLogin: z.record(z.string(), z.number()), calls: z.record(z.string(), z.number()) });

describe('connecting, with the API at the hosts that the accounts name', () => {
  let simulator: Simulator | undefined;
  let stack: Stack;
  let opened: Stack | undefined;

  beforeAll(async () => {
    const vendor = (simulator = await start({ port: 0, seed: 'acceptance', empty: true }));
    const env = { NODE_OPTIONS: `--import ${HOSTS}`, VENDOR_HOSTS_PORT: String(vendor.port) };
    stack = opened = await openQuietStack({ simulatorUrl: vendor.url, env }, (ms) => vendor.advance({ seconds: ms / 1000 }));
    const redirectUris = [`${stack.info.apiUrl}/v1/integrations/mailchimp/callback`];
    await stack.vendor.tell('POST', '/apps', { clientId: 'local-app', clientSecret: 'local-app-secret', redirectUris });
  });
  afterAll(async () => {
    await opened?.close();
    await simulator?.close();
  });
  beforeEach(() => stack.vendor.tell('DELETE', '/calls'));

  const tenant = (slug: string): Promise<Client> => stack.tenant(slug, '--owner', `owner@${slug}.test`);
  const account = (name: string, more: Readonly<Record<string, unknown>> = {}) =>
    stack.vendor.control(accountAnswer, 'POST', '/accounts', { name, ...more });
  const begin = (client: Client) => client.call('connect', { body: { returnUrl: returnUrlOf(client) } });
  const statusOf = async (client: Client) => (await client.call('getConnection')).status;
  /** How the vendor answered the calls of one path of its login host. */
  const login = async (path: string) =>
    (await stack.vendor.calls('')).filter((call) => call.path === path).map(({ status }) => status);
  const living = async (accountId: string) => (await stack.vendor.accounts()).find(({ id }) => id === accountId)?.livingTokens;
  const hostsOf = async (accountId: string) => [...new Set((await stack.vendor.calls(accountId)).map(({ host }) => host))];
  const refused = async () =>
    (await stack.vendor.calls('')).filter(({ path, status }) => path.startsWith('/3.0') && status >= 400).map(({ host }) => host);

  it('connect-happy: one code, one token, and the account with its audience and its hook', async () => {
    const client = await tenant('happy');
    const { id } = await account('Happy Loaves');
    const listId = await stack.vendor.list(id, 'Regulars', { subscribed: 4, unsubscribed: 2 });
    const { state, ticket, answer } = await consent(client, id);
    expect(Object.fromEntries(locationOf(answer).searchParams)).toEqual({ state, ticket, status: 'authorized' });
    expect(await client.call('complete', { body: { state, ticket } })).toMatchObject({
      status: 'connected',
      accountId: id,
      accountName: 'Happy Loaves',
      audienceCount: 1,
    });
    expect([await login('/oauth2/token'), await login('/oauth2/metadata')]).toEqual([[200], [200]]);
    expect(await living(id)).toBe(1);
    expect((await stack.vendor.hooks(id)).map((hook) => hook.listId)).toEqual([listId]);
    expect(await hostsOf(id)).toEqual(['us7.api.mailchimp.com']);
  });

  it('connect-state-mismatch: neither a forged state nor one of another consent gets anywhere', async () => {
    const client = await tenant('mismatch');
    const { id } = await account('Mismatch');
    const { authorizeUrl } = await begin(client);
    const callback = await decide(authorizeUrl, 'approve', id);
    const forged = new URL(callback);
    forged.searchParams.set('state', 'A'.repeat(43));
    const answer = await http(forged.href);
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    // The code was not even shown to the vendor.
    expect(await login('/oauth2/token')).toEqual([]);
    const [one, two] = [await consent(client, id), await consent(client, id)];
    const body = { state: one.state, ticket: two.ticket };
    expect(await client.problem('complete', { body })).toMatchObject({ status: 400, code: 'invalid_oauth_session' });
    expect(await statusOf(client)).toBe('disconnected');
    // The one who began is not kept from ending by somebody who guessed.
    expect((await http(callback.href)).status).toBe(303);
  });

  it('connect-code-replayed: a code is worth one token, in the same consent and in another', async () => {
    const client = await tenant('replayed');
    const { id } = await account('Replayed');
    const { callback } = await consent(client, id);
    const again = await http(callback.href);
    expect([again.status, again.headers.get('location')]).toEqual([400, null]);
    expect(await login('/oauth2/token')).toEqual([200]);
    const { state } = await begin(client);
    const injected = new URL(callback);
    injected.searchParams.set('state', state);
    const back = locationOf(await http(injected.href));
    expect(Object.fromEntries(back.searchParams)).toEqual({ state, status: 'error', error: 'connection_failed' });
    expect(await login('/oauth2/token')).toEqual([200, 400]);
    expect([await living(id), await statusOf(client)]).toEqual([1, 'disconnected']);
  });

  it('connect-code-expired: after thirty seconds the vendor refuses, and a new consent connects', async () => {
    const client = await tenant('expired');
    const { id } = await account('Expired');
    const { authorizeUrl, state } = await begin(client);
    const callback = await decide(authorizeUrl, 'approve', id);
    await stack.vendor.tell('POST', '/clock/advance', { seconds: 31 });
    const back = locationOf(await http(callback.href));
    expect(Object.fromEntries(back.searchParams)).toEqual({ state, status: 'error', error: 'connection_failed' });
    expect([await login('/oauth2/token'), await living(id)]).toEqual([[400], 0]);
    expect(await connect(client, id)).toMatchObject({ status: 'connected' });
  });

  it('reconnect-same-account: a second token, and everything else as it was', async () => {
    const ready = await readyTenant(stack, 'again', { subscribed: 3 });
    const { client, accountId } = ready;
    const draft = await create(ready, 'draft');
    const [before, hooks] = [await client.call('getConnection'), await stack.vendor.hooks(accountId)];
    const after = await connectFully(client, accountId);
    expect(after).toMatchObject({ status: 'connected', accountId, connectedAt: before.connectedAt, webhooks: before.webhooks });
    expect((await stack.vendor.hooks(accountId)).map(({ id }) => id)).toEqual(hooks.map(({ id }) => id));
    // The vendor has no way to revoke the first one; the service has forgotten it.
    expect([await living(accountId), (await tokensOf(stack, client.tenantId)).length]).toEqual([2, 1]);
    expect((await client.call('listCampaigns')).items.map(({ id }) => id)).toEqual([draft.id]);
  });

  it('two-accounts-one-user: their calls share one limit, and one tenant cannot hold both', async () => {
    const [first, second] = [await tenant('first-shop'), await tenant('second-shop')];
    const one = await account('First shop');
    const two = await account('Second shop', { loginId: one.loginId });
    for (const { id } of [one, two]) await stack.vendor.lists(id, 'Shop list', 8, { subscribed: 2, unsubscribed: 5 });
    await connectFully(first, one.id);
    await connectFully(second, two.id);
    await stack.vendor.tell('DELETE', '/calls');
    await stack.vendor.settings({ latencyMs: 120 });
    const runs = [first, second].flatMap((client) => ['suppressions', 'audiences', 'metrics'].map((task) => sync(client, task)));
    expect(new Set((await Promise.all(runs)).map(({ state }) => state))).toEqual(new Set(['succeeded']));
    await stack.vendor.settings({ latencyMs: 0 });
    const { peakInFlightOfLogin, calls } = await stack.vendor.control(counters, 'GET', '/calls/counters');
    expect(Object.keys(peakInFlightOfLogin)).toEqual([String(one.loginId)]);
    // Ten are allowed for all tools of the person together.
    const peak = peakInFlightOfLogin[String(one.loginId)];
    expect(peak).toBeLessThanOrEqual(6);
    // Read side by side, or the bound would show nothing.
    expect(peak).toBeGreaterThan(3);
    expect(Object.keys(calls).filter((call) => !call.endsWith(' 200'))).toEqual([]);
    const before = await first.call('getConnection');
    const { state, ticket } = await consent(first, two.id);
    expect(await first.problem('complete', { body: { state, ticket } })).toMatchObject({ status: 409, code: 'account_mismatch' });
    expect(await first.call('getConnection')).toEqual(before);
  });

  it('revoked-token-detected: one look at the metadata, then silence until somebody reconnects', async () => {
    const { client, accountId } = await readyTenant(stack, 'revoked', { subscribed: 3 });
    await stack.vendor.tell('DELETE', `/accounts/${accountId}/tokens`);
    await stack.vendor.tell('DELETE', '/calls');
    expect(await sync(client, 'suppressions')).toMatchObject({ state: 'failed', errors: [{ code: 'invalid_token' }] });
    // The vendor answers 200 for a dead token as well.
    expect(await login('/oauth2/metadata')).toEqual([200]);
    expect(await client.call('getConnection')).toMatchObject({ status: 'needs_reconnect', health: 'token_dead' });
    await stack.vendor.tell('DELETE', '/calls');
    expect(await client.problem('startSync', { body: { task: 'metrics' } })).toMatchObject({ code: 'invalid_token' });
    expect(await stack.vendor.calls('')).toEqual([]);
    expect(await connectFully(client, accountId)).toMatchObject({ status: 'connected', lastError: null });
    expect(await sync(client, 'suppressions')).toMatchObject({ state: 'succeeded' });
  });

  it('wrong-dc-recovered: an account that moved is followed, whichever way its old host refuses', async () => {
    const { client, accountId } = await readyTenant(stack, 'mover', { subscribed: 3, unsubscribed: 4 });
    for (const [dc, status] of [
      ['us9', 401],
      ['us13', 403],
    ] as const) {
      const [from = ''] = await hostsOf(accountId);
      await stack.vendor.settings({ wrongDatacenterStatus: status });
      await stack.vendor.tell('PATCH', `/accounts/${accountId}`, { dc, apiEndpoint: `https://${dc}.api.mailchimp.com` });
      await stack.vendor.tell('DELETE', '/calls');
      expect(await sync(client, 'suppressions')).toMatchObject({ state: 'succeeded', errors: [] });
      expect(new Set(await refused())).toEqual(new Set([from]));
      expect(await login('/oauth2/metadata')).toEqual([200]);
      expect(await hostsOf(accountId)).toEqual([`${dc}.api.mailchimp.com`]);
      // What was learnt is kept.
      await stack.vendor.tell('DELETE', '/calls');
      expect(await sync(client, 'audiences')).toMatchObject({ state: 'succeeded' });
      expect(await refused()).toEqual([]);
      expect(await client.call('getConnection')).toMatchObject({ status: 'connected', health: 'ok' });
    }
    await stack.vendor.settings({ wrongDatacenterStatus: 401 });
  });

  it('single-host-mode: an account whose metadata name the one host for all is used there from the first call', async () => {
    const client = await tenant('single');
    const { id } = await account('Single', {
      dc: 'us21',
      apiEndpoint: 'https://api.mailchimp.com',
      verifiedDomains: ['single.test'],
    });
    await stack.vendor.list(id, 'Regulars', { subscribed: 3, unsubscribed: 2 });
    await connectFully(client, id);
    const [audience] = (await client.call('listAudiences')).items;
    await client.call('putSettings', { body: { senderEmail: 'hello@single.test' } });
    const ready = { client, accountId: id, listId: audience?.vendorId ?? '', audienceId: audience?.id ?? '' };
    const { id: campaignId } = await create(ready, 'send');
    await stack.advance(60_000);
    expect(await reaches(ready, campaignId, 'sent')).toMatchObject({ error: null });
    expect(await sync(client, 'metrics')).toMatchObject({ state: 'succeeded', progress: { done: 1, total: 1 } });
    expect(await hostsOf(id)).toEqual(['api.mailchimp.com']);
    expect(await refused()).toEqual([]);
  });
});
