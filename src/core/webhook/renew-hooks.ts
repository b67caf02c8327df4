import { recordSystemEvent, type RecordSystemEventDeps } from '../audit/record-system-event.ts';
import type { Connection } from '../connection/connection.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import type { ErrorCode } from '../shared/errors.ts';
import type { PlatformId } from '../shared/platform-id.ts';
import { startOrJoinSync, type StartSyncDeps } from '../sync/start-sync.ts';
import type { Hook, HookStore } from './hook.ts';

export interface RenewHooksDeps extends StartSyncDeps, RecordSystemEventDeps {
  hooks: Pick<HookStore, 'list'>;
}

/** Where one tenant stands in a renewal of webhooks. */
export interface Renewal {
  tenantId: string;
  /** Webhooks in use, and those of them that are older than what was asked for. */
  hooks: number;
  outworn: number;
  /**
   * `waits`: the connection cannot be used, and the renewal follows by itself once it was renewed. `under_way`: a run was there
   * before, and may have looked at webhooks already; asking again tells. `refused`: the vendor signs no new ones, so the signed
   * ones stay; a later `before` has it tried again.
   */
  state: 'done' | 'open' | 'queued' | 'under_way' | 'waits' | 'refused' | 'not_connected';
  /** The run that renews them. */
  runId: string | null;
  /** Why it waits. */
  code: ErrorCode | null;
}

const TRIES = 3;
const isRefused = (hook: Hook, before: string): boolean => (hook.renewalRefusedAt ?? '') >= before;
const isOutworn = (hook: Hook, before: string): boolean => hook.status === 'active' && hook.createdAt < before;

/**
 * Has every webhook of a tenant made anew that is older than `before`, with another secret in its URL and another one to sign with. That it
 * has to be is kept with the connection, so that any look at its hooks does it, whichever comes first and however often one ends
 * halfway: the run that is queued here, the daily one, or a repair. Doing it again queues nothing once all are new.
 * Costs a read, a query, and where something is left 1 write for the mark, 3 for the run, 1 for the trail, and a message.
 * @param request `before`: ISO 8601, not in the future; `listOnly` changes nothing
 * @throws AppError `service_unavailable` when the connection was changed at the same moment, three times
 */
export async function renewHooks(
  deps: RenewHooksDeps,
  request: { tenantId: string; platform: PlatformId; before: string; listOnly: boolean },
): Promise<Renewal> {
  const { tenantId, platform, before, listOnly } = request;
  const connection = await deps.connections.get(tenantId, platform);
  const inUse = (await deps.hooks.list(tenantId, platform)).filter(({ status }) => status === 'active');
  const old = inUse.filter((hook) => isOutworn(hook, before));
  const outworn = old.length;
  const row: Renewal = { tenantId, hooks: inUse.length, outworn, state: 'done', runId: null, code: null };
  if (!connection || connection.status === 'disconnected') return { ...row, state: 'not_connected' };
  if (outworn === 0) return row;
  if (old.every((hook) => isRefused(hook, before))) return { ...row, state: 'refused' };
  const isMarked = (connection.renewHooksBefore ?? '') >= before;
  if (listOnly && isMarked && connection.status === 'needs_reconnect')
    return { ...row, state: 'waits', code: connection.lastError?.code ?? 'invalid_token' };
  if (listOnly) return { ...row, state: 'open' };
  if (!(await mark(deps, connection, before))) return { ...row, state: 'not_connected' };
  try {
    const { runId, isNew } = await startOrJoinSync(deps, { tenantId, platform, task: 'audiences', trigger: 'manual' });
    await recordSystemEvent(deps, {
      tenantId,
      action: 'webhooks.renewed',
      by: 'An operator',
      target: { type: 'webhooks', id: platform },
      after: { before, outworn },
    });
    return { ...row, state: isNew ? 'queued' : 'under_way', runId };
  } catch (error) {
    if (isAppError(error, 'not_connected')) return { ...row, state: 'not_connected' };
    if (!isAppError(error, 'invalid_token', 'account_disabled')) throw error;
    return { ...row, state: 'waits', code: error.code };
  }
}

/**
 * A later mark stays: whoever renews everything before noon has renewed everything before eleven. A connection that is leaving
 * is left alone, and its webhooks go with it.
 * @returns whether it stands: `false` when the tenant has disconnected
 */
async function mark(deps: RenewHooksDeps, connection: Connection | undefined, before: string, tries = TRIES): Promise<boolean> {
  if (!connection || connection.status === 'disconnected') return false;
  if ((connection.renewHooksBefore ?? '') >= before) return true;
  if (await deps.connections.save({ ...connection, renewHooksBefore: before })) return true;
  if (tries === 1) throw new AppError('service_unavailable', 'The connection was changed at the same moment.');
  return mark(deps, await deps.connections.get(connection.tenantId, connection.platform), before, tries - 1);
}
