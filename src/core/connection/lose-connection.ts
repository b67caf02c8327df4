import type { AuditStore } from '../audit/audit-entry.ts';
import { recordSystemEvent } from '../audit/record-system-event.ts';
import { isAppError, type AppError } from '../shared/app-error.ts';
import { HOUR, toIso, type Clock } from '../shared/clock.ts';
import { toKeptError } from '../shared/kept-error.ts';
import type { Log } from '../shared/log.ts';
import type { Metrics } from '../shared/metrics.ts';
import type { FollowupQueue } from '../sync/queue-messages.ts';
import { needsReconnect, type Connection, type ConnectionStore } from './connection.ts';

export interface LoseConnectionDeps {
  clock: Clock;
  log: Log;
  metrics: Metrics;
  connections: ConnectionStore;
  followups: FollowupQueue;
  audit: AuditStore;
}

/** Mailchimp's 401 with valid metadata is asked again after five minutes, three times, before the token counts as dead. */
export const PROBE_AFTER_SECONDS = 300;
export const PROBES = 3;
/** A chain of probes takes a quarter of an hour; a doubt older than this has lost its chain. */
const CHAIN_LOST_AFTER_MS = HOUR;

/** The vendor refused the token and called it valid: nobody knows yet. */
export const isDoubtful = (error: unknown): boolean =>
  isAppError(error, 'api_endpoint_error') && error.extras.vendor?.status === 401;

/** The connection as it is now, if it is still the one that was used and nobody marked it yet. */
async function stillConnected(deps: LoseConnectionDeps, used: Connection): Promise<Connection | undefined> {
  const current = await deps.connections.get(used.tenantId, used.platform);
  // Reconnected, or its token moved, meanwhile: what failed was the former one.
  const isSame = current?.connectionId === used.connectionId && current.tokenRef === used.tokenRef;
  return isSame && current.status === 'connected' ? current : undefined;
}

/** Stops the tenant's schedules and keeps why, for whoever reads the connection. */
export async function markDead(deps: LoseConnectionDeps, used: Connection, error: AppError): Promise<void> {
  const current = await stillConnected(deps, used);
  if (!current) return;
  const saved = await deps.connections.save(needsReconnect(current, toKeptError(error), toIso(deps.clock.now())));
  if (!saved) return;
  await recordSystemEvent(deps, {
    tenantId: used.tenantId,
    action: 'connection.lost',
    error: error.code,
    target: { type: 'connection', id: used.platform },
    before: { status: current.status, accountId: current.accountId, accountName: current.accountName },
    after: { status: saved.status, accountId: saved.accountId, accountName: saved.accountName },
  });
  deps.log.warn('connection.lost', { tenantId: used.tenantId, platform: used.platform, code: error.code });
  deps.metrics.add('ConnectionsLost', { reason: error.code === 'account_disabled' ? 'account_disabled' : 'invalid_token' });
}

const SAVES = 3;

/** The token works: nothing is left to ask. Other writers may come between, such as one that follows the account to its host. */
export async function liftDoubt(deps: Pick<LoseConnectionDeps, 'connections'>, used: Connection): Promise<void> {
  for (let save = 0; save < SAVES; save++) {
    const current = await deps.connections.get(used.tenantId, used.platform);
    if (current?.connectionId !== used.connectionId || !current.doubt) return;
    if (await deps.connections.save({ ...current, doubt: null })) return;
  }
}

/** Whether the chain of probes has ended without an answer, so that the next use decides. */
export const isForgotten = (doubt: Connection['doubt'], now: number): boolean =>
  doubt !== null && now - Date.parse(doubt.since) >= CHAIN_LOST_AFTER_MS;

/** Begins to ask again whether the token works. The first probe is queued before the doubt is kept, so that no crash loses it. */
export async function doubtToken(deps: LoseConnectionDeps, used: Connection): Promise<void> {
  const current = await stillConnected(deps, used);
  if (!current) return;
  const now = deps.clock.now();
  if (current.doubt && !isForgotten(current.doubt, now)) return;
  const { tenantId, platform, connectionId } = current;
  await deps.followups.send(
    { kind: 'probe-connection', tenantId, platform, connectionId, probe: 1, silences: 0 },
    PROBE_AFTER_SECONDS,
  );
  await deps.connections.save({ ...current, doubt: { since: toIso(now), probes: 0 } });
  deps.log.warn('connection.in_doubt', { tenantId, platform });
}
