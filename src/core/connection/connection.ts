import * as z from 'zod';
import type { PlatformId } from '../email-platform/email-platform.ts';
import { keptErrorSchema, type KeptError } from '../shared/kept-error.ts';

export const connectionSchema = z.object({
  tenantId: z.string(),
  platform: z.literal('mailchimp'),
  connectionId: z.string(),
  status: z.enum(['connected', 'needs_reconnect', 'disconnected']),
  accountId: z.string().nullable(),
  accountName: z.string().nullable(),
  /** The person at the vendor whose call limit this connection shares: the sync queue's message group. */
  vendorUser: z.string().nullable(),
  apiEndpoint: z.string().nullable(),
  /** Where the token is; the token itself is nowhere in the table. */
  tokenRef: z.string().nullable(),
  connectedAt: z.string().nullable(),
  lastError: keptErrorSchema.nullable(),
  version: z.number().int(),
});
export type Connection = z.infer<typeof connectionSchema>;

export interface ConnectionStore {
  get(tenantId: string, platform: PlatformId): Promise<Connection | undefined>;
  list(tenantId: string): Promise<Connection[]>;
  /** Writes only over the version it was read with (0 for a new one). @returns the stored connection, `undefined` when another writer came first */
  save(connection: Connection): Promise<Connection | undefined>;
  /** Every connected tenant of a platform, from the sparse index; 16 queries, paged. */
  connected(platform: PlatformId): AsyncIterable<{ tenantId: string; vendorUser: string }[]>;
}

/** What a token needs: one place that keeps it and forgets it. */
export interface TokenStore {
  /** @returns the reference to keep in the connection */
  create(owner: { tenantId: string; platform: PlatformId; connectionId: string }, token: string): Promise<string>;
  read(tokenRef: string): Promise<string>;
  /** Forgetting what is gone already is a success. */
  remove(tokenRef: string): Promise<void>;
}

/** A disabled account is looked at by every schedule, at the price of one call: it may come back by itself. */
export const isDisabled = (connection: Connection): boolean =>
  connection.status === 'needs_reconnect' && connection.lastError?.code === 'account_disabled';

/** Whether the schedules visit the tenant. */
export const isScheduled = (connection: Connection): boolean => connection.status === 'connected' || isDisabled(connection);

/** The connection after the vendor refused its token. */
export const needsReconnect = (connection: Connection, error: KeptError): Connection => ({
  ...connection,
  status: 'needs_reconnect',
  lastError: error,
});
