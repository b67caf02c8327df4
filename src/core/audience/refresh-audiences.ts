import type { ConnectionStore } from '../connection/connection.ts';
import { assertCurrent, type UsableConnection } from '../connection/use-platform.ts';
import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { toDate, toIso, type Clock } from '../shared/clock.ts';
import { audienceSchema, toAudience, type Audience, type AudienceStore } from './audience.ts';
import { toTemplate, type TemplateStore } from './template.ts';

export interface RefreshAudiencesDeps {
  clock: Clock;
  connections: ConnectionStore;
  audiences: AudienceStore;
  templates: TemplateStore;
}

/**
 * Reads every audience of the account, keeps the vanished ones as tombstones. One call per thousand audiences, a query, a
 * consistent read, and 1 WCU per audience that is written.
 * @param write `all`: those that are as they were as well, so that their time of reading moves; the daily run does. Whoever
 * reads them by the way writes only the new, the changed and the vanished ones
 * @returns the living ones, as they were read
 */
export async function refreshAudiences(
  deps: Pick<RefreshAudiencesDeps, 'clock' | 'connections' | 'audiences'>,
  platform: EmailPlatform,
  connection: UsableConnection,
  write: 'all' | 'changed' = 'changed',
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
  const knownById = new Map(known.map((audience) => [audience.id, audience]));
  const isWritten = (audience: Audience): boolean => write === 'all' || !isSame(knownById.get(audience.id), audience);
  await deps.audiences.putAll([...current.filter(isWritten), ...vanished]);
  return { audiences: current, added: current.filter(({ id }) => !knownById.has(id)).length, vanished: vanished.length };
}

/** But for the time at which it was read. */
const isSame = (known: Audience | undefined, read: Audience): boolean => known !== undefined && textOf(known) === textOf(read);

/** With the fields in one order, and none that is not kept. */
const textOf = (audience: Audience): string => JSON.stringify(audienceSchema.parse({ ...audience, asOf: '' }));

/** One count per audience and UTC day; 1 WCU each. */
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
