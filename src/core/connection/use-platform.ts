import type { AuditStore } from '../audit/audit-entry.ts';
import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { SECOND, type Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { Metrics } from '../shared/metrics.ts';
import type { FollowupQueue } from '../sync/queue-messages.ts';
import { ownerOf, type Connection, type ConnectionStore, type TokenStore } from './connection.ts';
import { doubtToken, isDoubtful, isForgotten, liftDoubt, markDead } from './lose-connection.ts';
import { tidyNow } from './tidy-token.ts';
import type { PlatformId } from '../shared/platform-id.ts';

/** How many calls may be in flight at once: the vendor allows ten per person, shared with all their other tools. */
export const LANES = { interactive: 2, sync: 6 } as const;
export type Lane = keyof typeof LANES;

/** Whether an error concerns the whole connection, and not the one audience or campaign that was asked for. */
export const isConnectionFault = (error: AppError): boolean =>
  isAppError(error, 'invalid_token', 'account_disabled', 'not_connected', 'api_endpoint_error');

/** How long one piece of work may call the vendor: a request ends at 30 s, a worker hands over after 4 minutes. */
const BUDGET_MS = { interactive: 20 * SECOND, sync: 270 * SECOND } as const satisfies Record<Lane, number>;

export interface OpenPlatformRequest {
  platform: PlatformId;
  token: string;
  apiEndpoint: string;
  lane: Lane;
  /** No call may last longer than this, ms since the epoch. */
  until: number;
  /** Told at the first 401: what is kept of the token in memory is dropped. */
  onRefused: () => void;
  /** Told when the vendor says that the account lives at another host now. */
  onEndpointMoved: (apiEndpoint: string) => Promise<void>;
  /** Told of each call of the vendor's API that is begun. */
  onCall?: () => void;
}
export type OpenPlatform = (request: OpenPlatformRequest) => EmailPlatform;

export interface UsePlatformDeps {
  clock: Clock;
  connections: ConnectionStore;
  tokens: TokenStore;
  openPlatform: OpenPlatform;
  followups: FollowupQueue;
  audit: AuditStore;
  log: Log;
  metrics: Metrics;
}

export type UsableConnection = Connection & { accountId: string; vendorUser: string; apiEndpoint: string; tokenRef: string };

const isComplete = (connection: Connection): connection is UsableConnection =>
  connection.tokenRef !== null &&
  connection.apiEndpoint !== null &&
  connection.vendorUser !== null &&
  connection.accountId !== null;

/** @throws AppError `not_connected`, or why a connection cannot be used until somebody reconnects */
export function assertUsable(connection: Connection | undefined): asserts connection is UsableConnection {
  if (!connection || connection.status === 'disconnected') throw new AppError('not_connected', 'Mailchimp is not connected.');
  if (connection.status === 'needs_reconnect') {
    const code = connection.lastError?.code === 'account_disabled' ? 'account_disabled' : 'invalid_token';
    throw new AppError(code, 'The connection has to be renewed.');
  }
  if (!isComplete(connection)) throw new AppError('invalid_token', 'The connection is incomplete.');
}

/** Opens the platform with a connection's token, whatever its status. @throws AppError `invalid_token` when there is none */
export async function openConnection(
  deps: UsePlatformDeps,
  connection: Connection,
  lane: Lane,
  until: number,
): Promise<{ platform: EmailPlatform; connection: UsableConnection }> {
  if (!isComplete(connection)) throw new AppError('invalid_token', 'The connection is incomplete.');
  const { platform, tokenRef, apiEndpoint } = connection;
  const token = await deps.tokens.read(ownerOf(connection), tokenRef).catch((error: unknown) => {
    if (isAppError(error, 'invalid_token')) return undefined;
    throw error;
  });
  if (token === undefined) return reopenConnection(deps, connection, lane, until);
  if (!deps.tokens.keepsAs(tokenRef)) await tidyNow(deps, ownerOf(connection));
  const opened = deps.openPlatform({
    platform,
    token,
    apiEndpoint,
    lane,
    until,
    onRefused: () => deps.tokens.forget(tokenRef),
    onEndpointMoved: async (moved) => {
      await deps.connections.save({ ...connection, apiEndpoint: moved });
    },
  });
  return { platform: opened, connection };
}

/** The token is not where the connection said: it moved, or the connection was renewed, since it was read; or it is gone. */
async function reopenConnection(
  deps: UsePlatformDeps,
  read: Connection,
  lane: Lane,
  until: number,
): ReturnType<typeof openConnection> {
  const current = await deps.connections.get(read.tenantId, read.platform);
  const hasMoved = current?.status === read.status && current.tokenRef !== read.tokenRef;
  if (!hasMoved) throw new AppError('invalid_token', 'The token is gone.');
  return openConnection(deps, current, lane, until);
}

/**
 * Opens the tenant's platform and works with it. A dead token marks the connection, once, whoever notices it first:
 * later callers are refused without a call. @param until when the last call has to end, ms since the epoch
 */
export async function usePlatform<T>(
  deps: UsePlatformDeps,
  tenantId: string,
  platform: PlatformId,
  lane: Lane,
  work: (platform: EmailPlatform, connection: UsableConnection) => Promise<T>,
  until: number = deps.clock.now() + BUDGET_MS[lane],
): Promise<T> {
  const stored = await deps.connections.get(tenantId, platform);
  assertUsable(stored);
  let used: Connection = stored;
  try {
    const opened = await openConnection(deps, stored, lane, until);
    used = opened.connection;
    const result = await work(opened.platform, opened.connection);
    if (isForgotten(used.doubt, deps.clock.now())) await liftDoubt(deps, used);
    return result;
  } catch (error) {
    if (isAppError(error, 'invalid_token', 'account_disabled')) await markDead(deps, used, error);
    if (isDoubtful(error)) await doubtToken(deps, used);
    throw error;
  }
}

/**
 * Whether the account that the work began with is still the one in use; renewing it disturbs nothing.
 * @throws AppError `not_connected` when it was disconnected or another account took its place
 */
export async function assertCurrent(deps: { connections: ConnectionStore }, used: Connection): Promise<void> {
  const current = await deps.connections.get(used.tenantId, used.platform);
  if (current?.accountId === used.accountId && current.status === 'connected') return;
  throw new AppError('not_connected', 'The connection was removed meanwhile.');
}
