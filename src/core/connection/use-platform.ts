import type { EmailPlatform, PlatformId } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { toKeptError } from '../shared/kept-error.ts';
import { SECOND, type Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import { isDisabled, needsReconnect, type Connection, type ConnectionStore, type TokenStore } from './connection.ts';

/** How many calls may be in flight at once: the vendor allows ten per person, shared with all their other tools. */
export const LANES = { interactive: 2, sync: 6 } as const;
export type Lane = keyof typeof LANES;

/** How long one piece of work may call the vendor: a request ends at 30 s, a worker hands over after 4 minutes. */
const BUDGET_MS = { interactive: 20 * SECOND, sync: 270 * SECOND } as const satisfies Record<Lane, number>;

export interface OpenPlatformRequest {
  platform: PlatformId;
  token: string;
  apiEndpoint: string;
  lane: Lane;
  /** No call may last longer than this, ms since the epoch. */
  until: number;
  /** Told when the vendor says that the account lives at another host now. */
  onEndpointMoved: (apiEndpoint: string) => Promise<void>;
}
export type OpenPlatform = (request: OpenPlatformRequest) => EmailPlatform;

export interface UsePlatformDeps {
  clock: Clock;
  connections: ConnectionStore;
  tokens: TokenStore;
  openPlatform: OpenPlatform;
  log: Log;
}

/** @throws AppError `not_connected`, or why a connection cannot be used until somebody reconnects */
export function assertUsable(connection: Connection | undefined): asserts connection is Connection & {
  status: 'connected';
  accountId: string;
  vendorUser: string;
  apiEndpoint: string;
  tokenRef: string;
} {
  if (!connection || connection.status === 'disconnected') throw new AppError('not_connected', 'Mailchimp is not connected.');
  if (connection.status === 'needs_reconnect') {
    const code = connection.lastError?.code === 'account_disabled' ? 'account_disabled' : 'invalid_token';
    throw new AppError(code, 'The connection has to be renewed.');
  }
  if (!connection.tokenRef || !connection.apiEndpoint || !connection.vendorUser || !connection.accountId) {
    throw new AppError('invalid_token', 'The connection is incomplete.');
  }
}

export type UsableConnection = Connection & { accountId: string; vendorUser: string; apiEndpoint: string; tokenRef: string };

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
  // A schedule looks again at an account that the vendor had disabled; a person hears of it without a call.
  const connection = lane === 'sync' && stored && isDisabled(stored) ? await revive(deps, stored) : stored;
  assertUsable(connection);
  try {
    const token = await deps.tokens.read(connection.tokenRef);
    const opened = deps.openPlatform({
      platform,
      token,
      apiEndpoint: connection.apiEndpoint,
      lane,
      until,
      onEndpointMoved: async (apiEndpoint) => {
        await deps.connections.save({ ...connection, apiEndpoint });
      },
    });
    return await work(opened, connection);
  } catch (error) {
    if (isAppError(error, 'invalid_token', 'account_disabled')) await markDead(deps, connection, error);
    throw error;
  }
}

/** Takes the connection for usable again: the first call of the work shows whether it is. */
async function revive(deps: UsePlatformDeps, disabled: Connection): Promise<Connection> {
  const revived: Connection = { ...disabled, status: 'connected', lastError: null };
  return (await deps.connections.save(revived)) ?? disabled;
}

/** Whether the work's connection is still the one in force. @throws AppError `not_connected` when it was replaced or removed */
export async function assertCurrent(deps: { connections: ConnectionStore }, used: Connection): Promise<void> {
  const current = await deps.connections.get(used.tenantId, used.platform);
  if (current?.connectionId === used.connectionId && current.status === 'connected') return;
  throw new AppError('not_connected', 'The connection was removed or renewed meanwhile.');
}

async function markDead(deps: UsePlatformDeps, used: Connection, error: AppError): Promise<void> {
  const current = await deps.connections.get(used.tenantId, used.platform);
  // Reconnected meanwhile: what failed was the former token.
  if (!current || current.connectionId !== used.connectionId || current.status !== 'connected') return;
  await deps.connections.save(needsReconnect(current, toKeptError(error)));
  deps.log.warn('connection.lost', { tenantId: used.tenantId, platform: used.platform, code: error.code });
}
