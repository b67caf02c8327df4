import type { OAuthPlatform, VendorAccount } from '../email-platform/email-platform.ts';
import { AppError, invalidInput, isAppError } from '../shared/app-error.ts';
import { toIso, type Clock } from '../shared/clock.ts';
import { newId, newSecret, sha256 } from '../shared/ids.ts';
import type { Log } from '../shared/log.ts';
import { catchUpLater } from '../sync/catch-up.ts';
import type { FollowupQueue } from '../sync/queue-messages.ts';
import { ownerOf, type Connection, type ConnectionStore, type TokenStore } from './connection.ts';
import { codeChallengeOf, openToken, sealToken, SESSION_LIFETIME_MS, type OAuthSessionStore } from './oauth-session.ts';
import { tidyLater } from './tidy-token.ts';
import type { PlatformId } from '../shared/platform-id.ts';

export interface ConnectDeps {
  clock: Clock;
  log: Log;
  sessions: OAuthSessionStore;
  connections: ConnectionStore;
  tokens: TokenStore;
  followups: FollowupQueue;
  oauth: (platform: PlatformId) => OAuthPlatform;
  /** `pkce`: whether a code challenge goes along. A vendor that does not know it passes over it. */
  config: { publicBaseUrl: string; returnUrls: readonly string[]; pkce: boolean };
}

const redirectUri = (deps: ConnectDeps, platform: PlatformId): string =>
  `${deps.config.publicBaseUrl}/v1/integrations/${platform}/callback`;

/** Begins a consent. `returnUrl` must be on the allow-list to the letter: a prefix match would let tickets out. */
export async function beginConnect(
  deps: ConnectDeps,
  request: { tenantId: string; platform: PlatformId; returnUrl: string },
): Promise<{ authorizeUrl: string; state: string; expiresAt: string }> {
  if (!deps.config.returnUrls.includes(request.returnUrl)) {
    throw invalidInput('returnUrl', 'is not on the allow-list of this deployment');
  }
  const state = newSecret();
  // 43 characters of the alphabet that RFC 7636 asks for.
  const codeVerifier = deps.config.pkce ? newSecret() : null;
  const expiresAtMs = deps.clock.now() + SESSION_LIFETIME_MS;
  await deps.sessions.begin({
    stateHash: sha256(state),
    tenantId: request.tenantId,
    platform: request.platform,
    returnUrl: request.returnUrl,
    phase: 'begun',
    ticketHash: null,
    sealedToken: null,
    codeVerifier,
    expiresAtMs,
  });
  const authorizeUrl = await deps.oauth(request.platform).authorizeUrl({
    state,
    redirectUri: redirectUri(deps, request.platform),
    codeChallenge: codeVerifier && codeChallengeOf(codeVerifier),
  });
  return { authorizeUrl, state, expiresAt: toIso(expiresAtMs) };
}

const back = (returnUrl: string, params: Record<string, string>): string => {
  const url = new URL(returnUrl);
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  return url.href;
};

/**
 * The browser comes back from the consent. The code lives 30 seconds, so it is exchanged here; the token waits,
 * sealed under a ticket that only this browser receives, for the tenant to complete.
 * @returns where to send the browser, or `undefined` when the state is unknown or used: then nobody is redirected
 */
export async function receiveConsent(
  deps: ConnectDeps,
  request: { platform: PlatformId; state: string; code: string | undefined; error: string | undefined },
): Promise<string | undefined> {
  const stateHash = sha256(request.state);
  const session = await deps.sessions.consumeState(stateHash, request.platform, deps.clock.now());
  if (!session) return undefined;
  const failed = (error: string) => back(session.returnUrl, { state: request.state, status: 'error', error });
  if (request.error !== undefined || !request.code) {
    return failed(request.error === 'access_denied' ? 'access_denied' : 'connection_failed');
  }
  try {
    const token = await deps.oauth(request.platform).exchangeCode({
      code: request.code,
      redirectUri: redirectUri(deps, request.platform),
      codeVerifier: session.codeVerifier,
    });
    const ticket = newSecret();
    await deps.sessions.authorize(stateHash, sha256(ticket), sealToken(token, ticket));
    return back(session.returnUrl, { state: request.state, ticket, status: 'authorized' });
  } catch (error) {
    if (!isAppError(error)) throw error;
    deps.log.warn('connection.exchange_failed', { tenantId: session.tenantId, code: error.code });
    return failed('connection_failed');
  }
}

/**
 * Turns a consent into a connection, all or nothing: a failure removes the token that was kept, and what a crash leaves is
 * tidied a quarter of an hour later.
 * @throws AppError `invalid_oauth_session`, `connection_failed`, `account_mismatch`, `api_endpoint_error`
 */
export async function completeConnect(
  deps: ConnectDeps,
  request: { tenantId: string; platform: PlatformId; state: string | undefined; ticket: string | undefined },
): Promise<Connection> {
  const { tenantId, platform, state, ticket } = request;
  const session =
    state && ticket
      ? await deps.sessions.take({
          stateHash: sha256(state),
          ticketHash: sha256(ticket),
          tenantId,
          platform,
          now: deps.clock.now(),
        })
      : undefined;
  if (!session?.sealedToken || !ticket) throw new AppError('invalid_oauth_session', 'The consent cannot be completed.');
  const token = openToken(session.sealedToken, ticket);
  const account = await deps.oauth(platform).readAccount(token);
  const former = await deps.connections.get(tenantId, platform);
  if (former && former.status !== 'disconnected' && former.accountId !== null && former.accountId !== account.accountId) {
    throw new AppError('account_mismatch', 'The consent was given for another account than the one connected.');
  }
  return store(deps, { tenantId, platform, token, account, former });
}

async function store(
  deps: ConnectDeps,
  made: { tenantId: string; platform: PlatformId; token: string; account: VendorAccount; former: Connection | undefined },
): Promise<Connection> {
  const { tenantId, platform, token, account, former } = made;
  const now = deps.clock.now();
  const connectionId = newId('connection', now);
  const owner = { tenantId, platform, connectionId };
  await tidyLater(deps, owner);
  if (former) await tidyLater(deps, ownerOf(former));
  await catchUpLater(deps, { tenantId, platform, more: ['metrics', 'audiences'] });
  const tokenRef = await deps.tokens.create(owner, token);
  const samePlace = former?.status !== 'disconnected' ? former : undefined;
  const connection: Connection = {
    tenantId,
    platform,
    connectionId,
    status: 'connected',
    accountId: account.accountId,
    accountName: account.accountName,
    vendorUser: account.vendorUser,
    apiEndpoint: account.apiEndpoint,
    tokenRef,
    connectedAt: samePlace?.connectedAt ?? toIso(now),
    lastError: null,
    lostAt: null,
    doubt: null,
    renewHooksBefore: former?.renewHooksBefore ?? null,
    version: former?.version ?? 0,
  };
  const saved = await deps.connections.save(connection).catch(() => undefined);
  // The answer to a write can be lost while the write stands: what is stored decides whose token is in use.
  const stored = saved ?? (await deps.connections.get(tenantId, platform));
  if (stored?.connectionId !== connectionId) {
    await deps.tokens.remove(owner);
    throw new AppError('connection_failed', 'The connection could not be stored.', {
      reason: 'Another consent was completed at the same moment, or the store was away.',
    });
  }
  // The connection stands: what is left of the former one may wait for the tidying that is queued.
  if (former)
    await deps.tokens.remove(ownerOf(former)).catch((error: unknown) => {
      if (!isAppError(error)) throw error;
      deps.log.warn('connection.former_token_kept', { tenantId, platform, code: error.code });
    });
  deps.log.info('connection.completed', { tenantId, platform, connectionId });
  return stored;
}
