import { describe, expect, it } from '@jest/globals';
import { beginConnect, completeConnect, receiveConsent } from '../../../../src/core/connection/connect.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { MINUTE } from '../../../../src/core/shared/clock.ts';
import { startSync } from '../../../../src/core/sync/start-sync.ts';
import { newSecret } from '../../../../src/core/shared/ids.ts';
import { aConnection, TENANT } from '../../../support/factories.ts';
import { openConnections, RETURN_URL, type ConnectionWorld } from '../../../support/open-connections.ts';

const platform = 'mailchimp' as const;
const begin = (world: ConnectionWorld) => beginConnect(world.connectDeps, { tenantId: TENANT, platform, returnUrl: RETURN_URL });
const consent = (world: ConnectionWorld, state: string, answer: { code?: string; error?: string } = { code: 'code-1' }) =>
  receiveConsent(world.connectDeps, { platform, state, code: answer.code, error: answer.error });

/** As the browser sees it: state and ticket of an authorized consent. */
async function authorized(world: ConnectionWorld, code = 'code-1') {
  const { state } = await begin(world);
  const location = new URL((await consent(world, state, { code })) ?? 'about:blank');
  return { state, ticket: location.searchParams.get('ticket') ?? '', location };
}
const complete = (world: ConnectionWorld, request: { state?: string; ticket?: string; tenantId?: string }) =>
  completeConnect(world.connectDeps, { tenantId: TENANT, platform, state: undefined, ticket: undefined, ...request });

describe('beginConnect', () => {
  it('keeps the state only as a hash, for ten minutes', async () => {
    const world = openConnections();
    const { state, authorizeUrl, expiresAt } = await begin(world);
    expect(new URL(authorizeUrl).searchParams.get('state')).toBe(state);
    expect(JSON.stringify([...world.sessions.records])).not.toContain(state);
    expect(Date.parse(expiresAt) - world.clock.now()).toBe(10 * MINUTE);
  });

  it.each([`${RETURN_URL}/`, `${RETURN_URL}?x=1`, `${RETURN_URL}.evil.test`, 'https://evil.test', ''])(
    'refuses the return address %j',
    async (returnUrl) => {
      const world = openConnections();
      const begun = beginConnect(world.connectDeps, { tenantId: TENANT, platform, returnUrl });
      await expect(begun).rejects.toMatchObject({ code: 'invalid_input' });
      expect(world.sessions.records.size).toBe(0);
    },
  );
});

describe('receiveConsent', () => {
  it('exchanges the code at once and hands the ticket to the browser alone', async () => {
    const world = openConnections();
    const { state, ticket, location } = await authorized(world);
    expect(location.origin + location.pathname).toBe(RETURN_URL);
    expect(location.searchParams.get('state')).toBe(state);
    expect(location.searchParams.get('status')).toBe('authorized');
    expect(ticket).toHaveLength(43);
    const [exchanged] = world.oauth.exchanged;
    expect(exchanged).toMatchObject({
      code: 'code-1',
      redirectUri: 'https://api.illixis.test/v1/integrations/mailchimp/callback',
    });
    expect(world.oauth.exchanged).toHaveLength(1);
    const kept = JSON.stringify([[...world.sessions.records], world.log.lines]);
    for (const secret of [ticket, state, 'token-of-code-1']) expect(kept).not.toContain(secret);
    expect(world.tokens.held.size).toBe(0);
  });

  it('takes a state once, even from two callbacks at the same moment', async () => {
    const world = openConnections();
    const { state } = await begin(world);
    const answers = await Promise.all([consent(world, state), consent(world, state)]);
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
    expect(world.oauth.exchanged).toHaveLength(1);
    expect(await consent(world, state)).toBeUndefined();
  });

  it('redirects nobody for an unknown or expired state', async () => {
    const world = openConnections();
    expect(await consent(world, newSecret())).toBeUndefined();
    const { state } = await begin(world);
    world.clock.advance(10 * MINUTE);
    expect(await consent(world, state)).toBeUndefined();
    expect(world.oauth.exchanged).toEqual([]);
  });

  it.each([
    ['a denial', { error: 'access_denied' }, 'access_denied'],
    ['any other error, without its words', { error: '<script>' }, 'connection_failed'],
    ['a missing code', {}, 'connection_failed'],
  ])('sends %s back without a ticket', async (_name, answer, error) => {
    const world = openConnections();
    const { state } = await begin(world);
    const location = new URL((await consent(world, state, answer)) ?? 'about:blank');
    expect(Object.fromEntries(location.searchParams)).toEqual({ state, status: 'error', error });
  });

  it('sends a failed exchange back', async () => {
    const world = openConnections();
    const { state } = await begin(world);
    world.oauth.failWith = new AppError('connection_failed', 'Refused.');
    expect(await consent(world, state)).toContain('status=error&error=connection_failed');
    await expect(complete(world, { state, ticket: newSecret() })).rejects.toMatchObject({ code: 'invalid_oauth_session' });
  });
});

describe('completeConnect', () => {
  it('stores the token and the connection', async () => {
    const world = openConnections();
    const connection = await complete(world, await authorized(world));
    expect(connection).toMatchObject({ status: 'connected', accountName: 'Harbor Lane Bakery', lastError: null, version: 1 });
    expect([...world.tokens.held]).toEqual([[connection.tokenRef, 'token-of-code-1']]);
    expect(JSON.stringify(connection)).not.toContain('token-of-code-1');
  });

  it.each([
    ['a wrong ticket', { ticket: newSecret() }],
    ['no ticket', { ticket: '' }],
    ['another state', { state: newSecret() }],
    ['no state', { state: '' }],
    ['another tenant', { tenantId: 'ten_other' }],
  ])('refuses %s, and the right one still works', async (_name, wrong) => {
    const world = openConnections();
    const right = await authorized(world);
    await expect(complete(world, { ...right, ...wrong })).rejects.toMatchObject({ code: 'invalid_oauth_session' });
    expect(world.tokens.held.size + world.connections.records.size).toBe(0);
    await complete(world, right);
    expect(world.tokens.held.size).toBe(1);
  });

  it('refuses a consent that was completed, or is older than ten minutes', async () => {
    const world = openConnections();
    const used = await authorized(world);
    await complete(world, used);
    await expect(complete(world, used)).rejects.toMatchObject({ code: 'invalid_oauth_session' });
    const late = await authorized(world);
    world.clock.advance(10 * MINUTE);
    await expect(complete(world, late)).rejects.toMatchObject({ code: 'invalid_oauth_session' });
    expect(world.tokens.held.size).toBe(1);
  });

  it('leaves one token and no orphan when consents are completed at the same moment', async () => {
    const world = openConnections();
    const sessions = [await authorized(world, 'one'), await authorized(world, 'two'), await authorized(world, 'three')];
    const requests = [...sessions, ...sessions].map((session) => complete(world, session));
    const outcomes = await Promise.allSettled(requests);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
    const { tokenRef } = (await world.connections.get(TENANT, platform)) ?? {};
    expect([...world.tokens.held.keys()]).toEqual([tokenRef]);
  });

  it.each(['connection_failed', 'api_endpoint_error'] as const)(
    'keeps nothing when the account cannot be read: %s',
    async (code) => {
      const world = openConnections();
      const session = await authorized(world);
      world.oauth.failWith = new AppError(code, 'Failed.');
      await expect(complete(world, session)).rejects.toMatchObject({ code });
      expect(world.tokens.held.size + world.connections.records.size).toBe(0);
    },
  );

  it('removes the secret it made when the connection cannot be stored', async () => {
    const world = openConnections();
    const session = await authorized(world);
    world.connections.save = () => Promise.reject(new Error('unreachable'));
    await expect(complete(world, session)).rejects.toMatchObject({ code: 'connection_failed' });
    expect(world.tokens.held.size).toBe(0);
  });

  it('stands although the former token could not be removed at once', async () => {
    const world = openConnections(aConnection());
    const session = await authorized(world);
    const remove = world.tokens.remove.bind(world.tokens);
    world.tokens.remove = () => Promise.reject(new AppError('service_unavailable', 'Busy.'));
    const connection = await complete(world, session);
    expect(connection.status).toBe('connected');
    world.tokens.remove = remove;
    await world.followups.drain();
    expect([...world.tokens.held.keys()]).toEqual([connection.tokenRef]);
  });

  it('is caught up also when the process ends right behind it, and once', async () => {
    const world = openConnections();
    await complete(world, await authorized(world));
    await world.followups.drain();
    expect(world.syncQueue.sent.map(({ task, trigger }) => [task, trigger])).toEqual([
      ['metrics', 'connect'],
      ['audiences', 'connect'],
      ['suppressions', 'connect'],
    ]);
    const other = openConnections();
    const connected = await complete(other, await authorized(other));
    await startSync(other, { tenantId: TENANT, platform: connected.platform, task: 'suppressions', trigger: 'connect' });
    await other.followups.drain();
    expect(other.syncQueue.sent).toHaveLength(1);
  });

  it('refuses another account while one is connected, and touches nothing', async () => {
    const world = openConnections(aConnection());
    const session = await authorized(world);
    world.oauth.account = { ...world.oauth.account, accountId: 'acc-other' };
    await expect(complete(world, session)).rejects.toMatchObject({ code: 'account_mismatch' });
    expect([...world.tokens.held.keys()]).toEqual([aConnection().tokenRef]);
    expect(await world.connections.get(TENANT, platform)).toEqual(aConnection());
  });

  it('renews the connection of the same account and forgets the former token', async () => {
    const world = openConnections(aConnection({ status: 'needs_reconnect' }));
    const connection = await complete(world, await authorized(world));
    expect(connection).toMatchObject({ status: 'connected', connectedAt: aConnection().connectedAt, version: 2 });
    expect([...world.tokens.held.keys()]).toEqual([connection.tokenRef]);
  });

  it('keeps what an operator asked of its webhooks', async () => {
    const renewHooksBefore = '2026-09-20T06:00:00.000Z';
    const world = openConnections(aConnection({ status: 'needs_reconnect', renewHooksBefore }));
    await complete(world, await authorized(world));
    expect(await world.connections.get(TENANT, platform)).toMatchObject({ status: 'connected', renewHooksBefore });
  });

  it('takes another account after a disconnect', async () => {
    const world = openConnections(aConnection({ status: 'disconnected', accountId: null, tokenRef: null }));
    world.oauth.account = { ...world.oauth.account, accountId: 'acc-other' };
    expect(await complete(world, await authorized(world))).toMatchObject({ accountId: 'acc-other', status: 'connected' });
  });
});
