import type { EmailPlatform, PlatformId } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { toKeptError } from '../shared/kept-error.ts';
import type { Log } from '../shared/log.ts';
import { needsReconnect, type Connection, type ConnectionStore, type TokenStore } from './connection.ts';

/** How many calls may be in flight at once: the vendor allows ten per person, shared with all their other tools. */
export const LANES = { interactive: 2, sync: 6 } as const;
export type Lane = keyof typeof LANES;

export interface OpenPlatformRequest {
  platform: PlatformId;
  token: string;
  apiEndpoint: string;
  lane: Lane;
  /** Told when the vendor says that the account lives at another host now. */
  onEndpointMoved: (apiEndpoint: string) => Promise<void>;
}
export type OpenPlatform = (request: OpenPlatformRequest) => EmailPlatform;

export interface UsePlatformDeps {
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
 * later callers are refused without a call.
 */
export async function usePlatform<T>(
  deps: UsePlatformDeps,
  tenantId: string,
  platform: PlatformId,
  lane: Lane,
  work: (platform: EmailPlatform, connection: UsableConnection) => Promise<T>,
): Promise<T> {
  const connection = await deps.connections.get(tenantId, platform);
  assertUsable(connection);
  try {
    const token = await deps.tokens.read(connection.tokenRef);
    const opened = deps.openPlatform({
      platform,
      token,
      apiEndpoint: connection.apiEndpoint,
      lane,
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

async function markDead(deps: UsePlatformDeps, used: Connection, error: AppError): Promise<void> {
  const current = await deps.connections.get(used.tenantId, used.platform);
  // Reconnected meanwhile: what failed was the former token.
  if (!current || current.connectionId !== used.connectionId || current.status !== 'connected') return;
  await deps.connections.save(needsReconnect(current, toKeptError(error)));
  deps.log.warn('connection.lost', { tenantId: used.tenantId, platform: used.platform, code: error.code });
}
