import * as z from 'zod';
import { keptErrorSchema, type KeptError } from '../shared/kept-error.ts';
import { platformIdSchema, type PlatformId } from '../shared/platform-id.ts';

export const connectionSchema = z.object({
  tenantId: z.string(),
  platform: platformIdSchema,
  connectionId: z.string(),
  status: z.enum(['connected', 'needs_reconnect', 'disconnected']),
  accountId: z.string().nullable(),
  accountName: z.string().nullable(),
  /** The person at the vendor whose call limit this connection shares: the sync queue's message group. */
  vendorUser: z.string().nullable(),
  apiEndpoint: z.string().nullable(),
  /** Where the token is, or the token itself under a key that the table does not hold. */
  tokenRef: z.string().nullable(),
  connectedAt: z.string().nullable(),
  lastError: keptErrorSchema.nullable(),
  /** Since when it cannot be used. */
  lostAt: z.string().nullable().default(null),
  /** The vendor refuses the token and calls it valid: asked again every five minutes, three times. */
  doubt: z.object({ since: z.string(), probes: z.number().int() }).nullable().default(null),
  /** An operator has every webhook made anew that is older than this. */
  renewHooksBefore: z.string().nullable().default(null),
  version: z.number().int(),
});
export type Connection = z.infer<typeof connectionSchema>;

/**
 * How a connection is found: connected; its account disabled by the vendor, so that it is looked at once a day; or without a
 * token that is good, so that only its tenant can bring it back.
 */
export type IndexedAs = 'connected' | 'disabled' | 'dead';

export interface ConnectionStore {
  get(tenantId: string, platform: PlatformId): Promise<Connection | undefined>;
  list(tenantId: string): Promise<Connection[]>;
  /** Writes only over the version it was read with (0 for a new one). @returns the stored connection, `undefined` when another writer came first */
  save(connection: Connection): Promise<Connection | undefined>;
  /** Every tenant of a platform whose connection stands so, from the sparse index; 16 queries, paged. */
  indexed(platform: PlatformId, which: IndexedAs): AsyncIterable<{ tenantId: string; vendorUser: string }[]>;
}

/** Whose token it is. A connection has one token; renewing it makes another connection id. */
export interface TokenOwner {
  tenantId: string;
  platform: PlatformId;
  connectionId: string;
}

/**
 * Keeps tokens in one of several places. The reference it gives is kept in the connection and says where the token is; it
 * is worth nothing without the store's own rights, and nothing for another owner.
 */
export interface TokenStore {
  /** Doing it again for the same owner replaces the token. @returns the reference to keep in the connection */
  create(owner: TokenOwner, token: string): Promise<string>;
  /** @throws AppError `invalid_token` when it is gone, or was kept for another owner */
  read(owner: TokenOwner, tokenRef: string): Promise<string>;
  /** Removes what is kept for the owner, but what `except` leads to. Removing what is gone already is a success. */
  remove(owner: TokenOwner, except?: string): Promise<void>;
  /** Whether new tokens are kept as this one is. */
  keepsAs(tokenRef: string): boolean;
  /** The vendor refused it: whoever asks next gets what is stored then. */
  forget(tokenRef: string): void;
}

/** A disabled account is looked at once a day, at the price of one call: it may come back by itself. */
export const isDisabled = (connection: Connection): boolean =>
  connection.status === 'needs_reconnect' && connection.lastError?.code === 'account_disabled';

/** @returns `undefined` for one that is disconnected: nobody looks for it */
export function indexedAs(connection: Connection): IndexedAs | undefined {
  if (connection.status === 'disconnected') return undefined;
  if (connection.status === 'connected') return 'connected';
  return isDisabled(connection) ? 'disabled' : 'dead';
}

export const ownerOf = ({ tenantId, platform, connectionId }: Connection): TokenOwner => ({ tenantId, platform, connectionId });

/** The connection after the vendor refused its token. */
export const needsReconnect = (connection: Connection, error: KeptError, now: string): Connection => ({
  ...connection,
  status: 'needs_reconnect',
  lastError: error,
  lostAt: now,
  doubt: null,
});
