import { recordSystemEvent } from '../audit/record-system-event.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { SECOND } from '../shared/clock.ts';
import { toKeptError } from '../shared/kept-error.ts';
import { catchUpLater } from '../sync/catch-up.ts';
import { startSync, type StartSyncDeps } from '../sync/start-sync.ts';
import type { Probe } from '../sync/queue-messages.ts';
import { isDisabled, type Connection } from './connection.ts';
import { isDoubtful, liftDoubt, markDead, PROBES, PROBE_AFTER_SECONDS } from './lose-connection.ts';
import { openConnection, type UsePlatformDeps } from './use-platform.ts';

const PROBE_WITHIN_MS = 20 * SECOND;
/** A vendor that is silent for two hours tells nothing about a token; the next refusal begins anew. */
const SILENCES = 24;

const ask = async (deps: UsePlatformDeps, connection: Connection): Promise<void> => {
  const { platform } = await openConnection(deps, connection, 'interactive', deps.clock.now() + PROBE_WITHIN_MS);
  await platform.verify();
};

/**
 * Asks whether a token in doubt works again: two calls at the most. It does, and the doubt is lifted; it is refused for the
 * third time, and the connection is marked. The next probe is queued before this one is noted, so that no crash ends the
 * chain; of copies of a probe only one goes on.
 */
export async function probeConnection(deps: UsePlatformDeps, message: Probe): Promise<void> {
  const { tenantId, platform, connectionId, probe } = message;
  const connection = await deps.connections.get(tenantId, platform);
  if (connection?.connectionId !== connectionId || connection.status !== 'connected') return;
  const { doubt } = connection;
  if (!doubt || probe <= doubt.probes) return;
  try {
    await ask(deps, connection);
    await liftDoubt(deps, connection);
    deps.log.info('connection.doubt_lifted', { tenantId, platform, probe });
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (isAppError(error, 'invalid_token', 'account_disabled')) return markDead(deps, connection, error);
    if (!isDoubtful(error)) {
      if (message.silences >= SILENCES) return;
      return deps.followups.send({ ...message, silences: message.silences + 1 }, PROBE_AFTER_SECONDS);
    }
    if (probe >= PROBES) return markDead(deps, connection, refusedForGood(error));
    await deps.followups.send({ ...message, probe: probe + 1, silences: 0 }, PROBE_AFTER_SECONDS);
    await deps.connections.save({ ...connection, doubt: { ...doubt, probes: probe } });
  }
}

const refusedForGood = (error: AppError): AppError =>
  new AppError('invalid_token', 'The token was refused at every probe.', {
    ...error.extras,
    reason: `Mailchimp refused the token ${String(PROBES + 1)} times within a quarter of an hour, although it calls it valid.`,
  });

/**
 * Looks whether an account that the vendor had disabled is back, for one call. If it is, what was missed is caught up by a
 * suppressions and a metrics run. @returns whether it is in use again
 */
export async function reviveConnection(deps: UsePlatformDeps & StartSyncDeps, disabled: Connection): Promise<boolean> {
  if (!isDisabled(disabled)) return false;
  const { tenantId, platform } = disabled;
  try {
    await ask(deps, disabled);
  } catch (error) {
    if (!isAppError(error)) throw error;
    // The account came back without our access: a person has to reconnect, and the daily look ends.
    if (isAppError(error, 'invalid_token')) await deps.connections.save({ ...disabled, lastError: toKeptError(error) });
    return false;
  }
  await catchUpLater(deps, { tenantId, platform, more: ['metrics'] });
  const back = await deps.connections.save({ ...disabled, status: 'connected', lastError: null, lostAt: null });
  if (!back) return false;
  deps.log.info('connection.revived', { tenantId, platform });
  await recordSystemEvent(deps, {
    tenantId,
    action: 'connection.revived',
    target: { type: 'connection', id: platform },
    before: { status: disabled.status, accountId: disabled.accountId, accountName: disabled.accountName },
    after: { status: back.status, accountId: back.accountId, accountName: back.accountName },
  });
  await startSync(deps, { tenantId, platform, task: 'metrics', trigger: 'connect' });
  await startSync(deps, { tenantId, platform, task: 'suppressions', trigger: 'connect' });
  return true;
}
