import type { ConnectionStore } from '../connection/connection.ts';
import { assertCurrent, type UsableConnection } from '../connection/use-platform.ts';
import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { toDate, toIso, type Clock } from '../shared/clock.ts';
import { toAudience, type Audience, type AudienceStore } from './audience.ts';
import { toTemplate, type TemplateStore } from './template.ts';

export interface RefreshAudiencesDeps {
  clock: Clock;
  connections: ConnectionStore;
  audiences: AudienceStore;
  templates: TemplateStore;
}

/** Reads every audience of the account, keeps the vanished ones as tombstones. @returns the living ones */
export async function refreshAudiences(
  deps: Pick<RefreshAudiencesDeps, 'clock' | 'connections' | 'audiences'>,
  platform: EmailPlatform,
  connection: UsableConnection,
): Promise<{ audiences: Audience[]; added: number; vanished: number }> {
  const now = toIso(deps.clock.now());
  const owner = { tenantId: connection.tenantId, platform: platform.id, accountId: connection.accountId };
  const known = await deps.audiences.list(owner.tenantId, owner.platform);
  const current = (await platform.readAudiences()).map((audience) => toAudience(owner, audience, now));
  const currentIds = new Set(current.map(({ id }) => id));
  const vanished = known
    .filter((audience) => audience.accountId === owner.accountId && audience.vanishedAt === null && !currentIds.has(audience.id))
    .map((audience) => ({ ...audience, vanishedAt: now }));
  // A disconnect may have come while the vendor was read: what it removed must not come back.
  await assertCurrent(deps, connection);
  await deps.audiences.putAll([...current, ...vanished]);
  const knownIds = new Set(known.map(({ id }) => id));
  return { audiences: current, added: current.filter(({ id }) => !knownIds.has(id)).length, vanished: vanished.length };
}

/** One count per audience and UTC day. */
export async function recordCounts(
  deps: Pick<RefreshAudiencesDeps, 'clock' | 'audiences'>,
  audiences: readonly Audience[],
): Promise<void> {
  const date = toDate(deps.clock.now());
  for (const audience of audiences) await deps.audiences.putCount(audience, date);
}

export async function refreshTemplates(
  deps: Pick<RefreshAudiencesDeps, 'clock' | 'connections' | 'templates'>,
  platform: EmailPlatform,
  connection: UsableConnection,
): Promise<number> {
  const owner = { tenantId: connection.tenantId, platform: platform.id, accountId: connection.accountId };
  const now = toIso(deps.clock.now());
  const templates = (await platform.readTemplates()).map((template) => toTemplate(owner, template, now));
  await assertCurrent(deps, connection);
  await deps.templates.replaceAll(owner.tenantId, owner.platform, templates);
  return templates.length;
}
