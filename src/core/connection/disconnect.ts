import type { AudienceStore } from '../audience/audience.ts';
import type { TemplateStore } from '../audience/template.ts';
import type { AutomationStore } from '../automation/automation.ts';
import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { SECOND, type Clock } from '../shared/clock.ts';
import type { SyncRunStore } from '../sync/sync-run.ts';
import type { HookConfig } from '../webhook/hook-id.ts';
import type { HookStore } from '../webhook/hook.ts';
import { retireHooks } from '../webhook/retire-hooks.ts';
import { ownerOf, type Connection } from './connection.ts';
import { tidyLater } from './tidy-token.ts';
import { openConnection, type UsePlatformDeps } from './use-platform.ts';
import type { PlatformId } from '../shared/platform-id.ts';

export interface DisconnectDeps extends UsePlatformDeps {
  hooks: HookStore;
  config: HookConfig;
  clock: Clock;
  audiences: AudienceStore;
  templates: TemplateStore;
  automations: AutomationStore;
  runs: SyncRunStore;
}

const WORK_WITHIN_MS = 15 * SECOND;

/**
 * Removes token, webhooks, cached audiences and templates, and account metadata; campaigns, numbers, suppressions,
 * settings and history stay. The status goes first: from then on nothing is sent or refreshed, and whatever a crash
 * leaves is removed by asking again.
 */
export async function disconnect(deps: DisconnectDeps, tenantId: string, platform: PlatformId): Promise<void> {
  const current = await deps.connections.get(tenantId, platform);
  if (!current) return;
  await tidyLater(deps, ownerOf(current));
  const leaving = current.status === 'disconnected' ? current : await mark(deps, current);
  // Not by the version: another writer may add a note to what is leaving. Whoever connects again has another id.
  const readLeaving = async (): Promise<Connection | undefined> => {
    const now = await deps.connections.get(tenantId, platform);
    return now?.status === 'disconnected' && now.connectionId === leaving.connectionId ? now : undefined;
  };
  const isLeaving = async (): Promise<boolean> => (await readLeaving()) !== undefined;
  const vendor = await openForGoodbye(deps, current);
  await retireHooks(deps, { tenantId, platform, vendor, until: deps.clock.now() + WORK_WITHIN_MS, isLeaving });
  const steps = [
    () => deps.audiences.removeAll(tenantId, platform),
    () => deps.templates.replaceAll(tenantId, platform, []),
    () => deps.automations.replaceAll(tenantId, platform, []),
    () => deps.runs.removeCursors(tenantId, 'suppressions'),
    () => deps.tokens.remove(ownerOf(leaving)),
  ];
  for (const step of steps) {
    // Connected again meanwhile: what is there now belongs to the new connection. The former token is tidied later.
    if (!(await isLeaving())) return;
    await step();
  }
  const last = await readLeaving();
  if (!last) return;
  const saved = await deps.connections.save({
    ...last,
    accountId: null,
    accountName: null,
    vendorUser: null,
    apiEndpoint: null,
    tokenRef: null,
    connectedAt: null,
    lastError: null,
    lostAt: null,
    doubt: null,
  });
  if (!saved && (await isLeaving())) throw changedMeanwhile();
  if (saved) deps.log.info('connection.removed', { tenantId, platform });
}

const changedMeanwhile = (): AppError =>
  new AppError('service_unavailable', 'The connection was changed at the same moment.', { retryAfterSeconds: 1 });

async function mark(deps: DisconnectDeps, connection: Connection): Promise<Connection> {
  const saved = await deps.connections.save({ ...connection, status: 'disconnected' });
  if (!saved) throw changedMeanwhile();
  return saved;
}

/** The vendor may be unreachable or the token dead: the webhooks then learn by a 410 that they are not wanted. */
async function openForGoodbye(deps: DisconnectDeps, connection: Connection): Promise<EmailPlatform | undefined> {
  if (connection.status === 'needs_reconnect') return undefined;
  try {
    return (await openConnection(deps, connection, 'interactive', deps.clock.now() + WORK_WITHIN_MS)).platform;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return undefined;
  }
}
