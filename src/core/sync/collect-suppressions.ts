import pLimit from 'p-limit';
import type { Audience, AudienceStore } from '../audience/audience.ts';
import { refreshAudiences } from '../audience/refresh-audiences.ts';
import type { ConnectionStore } from '../connection/connection.ts';
import { LANES } from '../connection/use-platform.ts';
import type { Departure } from '../email-platform/email-platform.ts';
import { isAppError } from '../shared/app-error.ts';
import { toIso, type Clock } from '../shared/clock.ts';
import { normalizeEmail } from '../shared/email-address.ts';
import { runAll } from '../shared/run-all.ts';
import { tellersOf, TOLD_WITHIN_MS, type UntoldStore } from '../suppression/drift.ts';
import { addFact, type SuppressionDeps } from '../suppression/suppress.ts';
import { factKey, isLifted, mergeFact, type NewFact, type Suppression } from '../suppression/suppression.ts';
import type { HookStore } from '../webhook/hook.ts';
import { coveredSince } from '../webhook/hook.ts';
import type { TaskContext } from './run-sync.ts';
import type { SyncRunStore } from './sync-run.ts';

export interface CollectSuppressionsDeps extends SuppressionDeps {
  clock: Clock;
  connections: ConnectionStore;
  audiences: AudienceStore;
  hooks: HookStore;
  runs: SyncRunStore;
  untold: UntoldStore;
}

const KINDS = ['unsubscribe', 'bounce', 'complaint'] as const satisfies readonly Departure['kind'][];
/** Writes in flight per tenant: enough to keep up with the vendor's pages, few enough for its sixteen partitions. */
const WRITES_IN_FLIGHT = 64;

/** One audience and kind, which have a cursor of their own. */
interface Scope {
  audience: Audience;
  kind: Departure['kind'];
  part: string;
  /** Since when webhooks should tell of the audience; `null` without one. */
  hookSince: string | null;
}
interface Collection {
  deps: CollectSuppressionsDeps;
  context: TaskContext;
  limit: ReturnType<typeof pLimit>;
}

/**
 * Everybody the vendor says has left, audience by audience and kind by kind. A cursor moves only when its page is
 * stored; a sync adds and enriches, it never removes. Known people cost 1 RRU (of a batch) and no write, new ones 1 WCU more
 * and one of the index. With nothing new: 1 call for the audiences, and 3 for each.
 */
export async function collectSuppressions(deps: CollectSuppressionsDeps, context: TaskContext): Promise<'done' | 'continue'> {
  const { tenantId, platform } = context.connection;
  const { audiences, vanished } = await refreshAudiences(deps, context.platform, context.connection);
  await context.report({ counts: { audiences: audiences.length, vanishedAudiences: vanished } });
  const hooks = await deps.hooks.list(tenantId, platform);
  const scopes = audiences.flatMap((audience) =>
    KINDS.map((kind) => ({ audience, kind, part: `${audience.id}:${kind}`, hookSince: coveredSince(hooks, audience.id) })),
  );
  const open = scopes.filter(({ part }) => !context.run.finished.includes(part));
  const collection = { deps, context, limit: pLimit(WRITES_IN_FLIGHT) };
  const outcomes = await runAll(open, LANES.sync, (scope, isStopped) => collectScope(collection, scope, isStopped));
  return outcomes.every((finished) => finished) ? 'done' : 'continue';
}

async function collectScope(collection: Collection, scope: Scope, isStopped: () => boolean): Promise<boolean> {
  const { deps, context } = collection;
  const { audience, kind, part } = scope;
  const { tenantId } = context.connection;
  if (context.outOfTime()) return false;
  const cursor = await deps.runs.cursor(tenantId, 'suppressions', part);
  let expected = 0;
  try {
    for await (const page of context.platform.readDepartures(audience.vendorId, kind, cursor)) {
      await context.report({ total: Math.max(0, page.total - expected) });
      expected = Math.max(expected, page.total);
      const changed = await storeDepartures(collection, scope, page.departures);
      await deps.runs.putCursor(tenantId, 'suppressions', part, page.cursor);
      const read = page.departures.length;
      await context.report({ done: read, counts: { read, changed, unchanged: read - changed } });
      if (context.outOfTime() || isStopped()) return false;
    }
  } catch (error) {
    // Deleted between the list and this read: what it had told stays, the other audiences go on.
    if (!isAppError(error, 'list_not_found')) throw error;
    context.problem(error);
  }
  await context.finish(part);
  return true;
}

/** One row of a page, and what is known of the person. */
interface Row {
  email: string;
  hash: string;
  fact: NewFact;
  known: Suppression | undefined;
}

/** @returns how many were news */
async function storeDepartures(collection: Collection, scope: Scope, departures: readonly Departure[]): Promise<number> {
  const { deps, context, limit } = collection;
  const { tenantId, platform } = context.connection;
  const told = await Promise.all(
    departures.map(async ({ email, kind, campaignVendorId, at, vendorReason }) => ({
      email,
      hash: await deps.hasher.hash(tenantId, normalizeEmail(email)),
      fact: {
        kind,
        via: 'sync',
        platform,
        audienceId: scope.audience.id,
        campaignVendorId,
        at,
        vendorReason,
        actor: null,
      } satisfies NewFact,
    })),
  );
  const records = await deps.suppressions.getMany(tenantId, [...new Set(told.map(({ hash }) => hash))]);
  const rows = told.map((row): Row => ({ ...row, known: records.get(row.hash) }));
  const untold = await untoldAmong(deps, tenantId, scope, rows);
  const news = rows.filter(isNews);
  const work = [...new Set([...news, ...untold.keys()])];
  let missed = 0;
  await Promise.all(
    work.map((row) =>
      limit(async () => {
        if (await storeDeparture(deps, tenantId, scope.audience.id, row, untold.get(row))) missed++;
      }),
    ),
  );
  if (missed > 0) await context.report({ counts: { missedByWebhook: missed } });
  return news.length;
}

/** Known people cost no write, unless somebody lifted them: then a later telling is a new one. */
function isNews({ fact, known }: Row): boolean {
  const facts = known?.facts ?? {};
  // One that moved tells its new address as well, which an interruption may have prevented.
  if (!facts[factKey(fact)] || (known?.successors.length ?? 0) > 0) return true;
  return isLifted(facts) && JSON.stringify(mergeFact(facts, fact)) !== JSON.stringify(facts);
}

/**
 * Whom a webhook should have told of first and did not: `new` when nothing was known of the person in this audience, `open`
 * when a sync had found it and was interrupted before it had noted what became of it. 1 RRU (of a batch) for each who left since
 * there is a webhook and is known.
 */
async function untoldAmong(
  deps: CollectSuppressionsDeps,
  tenantId: string,
  { audience, hookSince }: Scope,
  rows: readonly Row[],
): Promise<Map<Row, 'new' | 'open'>> {
  const found = new Map<Row, 'new' | 'open'>();
  if (hookSince === null) return found;
  const covered = rows.flatMap((row) => {
    const tellers = tellersOf(row.known ?? { facts: {} }, audience.id);
    return Date.parse(row.fact.at) > Date.parse(hookSince) ? [{ row, isKnown: tellers.sync || tellers.webhook }] : [];
  });
  const earlier = covered.filter(({ isKnown }) => isKnown).map(({ row }) => row.hash);
  const stored = await deps.untold.getMany(tenantId, audience.id, [...new Set(earlier)]);
  for (const { row, isKnown } of covered) {
    const before = stored.get(row.hash);
    if (!isKnown) found.set(row, 'new');
    else if (before && before.healedAt === null) found.set(row, 'open');
  }
  return found;
}

/**
 * The miss is noted before the fact, and taken back after it: whichever of a sync and a late delivery comes last sees the other.
 * @returns whether a webhook missed it for good
 */
async function storeDeparture(
  deps: CollectSuppressionsDeps,
  tenantId: string,
  audienceId: string,
  row: Row,
  untold: 'new' | 'open' | undefined,
): Promise<boolean> {
  const { email, hash, fact, known } = row;
  const now = deps.clock.now();
  if (untold === 'new')
    await deps.untold.add(tenantId, audienceId, { addressHash: hash, changedAt: fact.at, foundAt: toIso(now) });
  const suppression = known && !isNews(row) ? known : (await addFact(deps, tenantId, email, fact, known)).suppression;
  if (!untold) return false;
  const isTold = tellersOf(suppression, audienceId).webhook;
  const at = toIso(deps.clock.now());
  await deps.untold.note(tenantId, audienceId, hash, { healedAt: at, ...(isTold && { toldAt: at }) });
  return !isTold && Date.parse(fact.at) <= now - TOLD_WITHIN_MS;
}
