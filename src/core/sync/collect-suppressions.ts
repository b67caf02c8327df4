import * as z from 'zod';
import type { Audience, AudienceStore } from '../audience/audience.ts';
import { refreshAudiences } from '../audience/refresh-audiences.ts';
import type { ConnectionStore } from '../connection/connection.ts';
import { isConnectionFault, LANES } from '../connection/use-platform.ts';
import { DEPARTURE_KINDS, type Departure } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { toIso } from '../shared/clock.ts';
import { runAll } from '../shared/run-all.ts';
import { withoutAddresses } from '../shared/without-addresses.ts';
import { coveredSince, type HookStore } from '../webhook/hook.ts';
import { isWholeDue, type ListScope } from './is-whole-due.ts';
import type { TaskContext } from './task-context.ts';
import { storeDepartures, type StoreDeparturesDeps } from './store-departures.ts';
import type { SyncRunStore } from './sync-run.ts';

export interface CollectSuppressionsDeps extends StoreDeparturesDeps {
  connections: ConnectionStore;
  audiences: AudienceStore;
  hooks: HookStore;
  runs: SyncRunStore;
}

/** Audiences in a row that a vendor may fail to answer before it is taken for silent altogether. */
const SILENT_AUDIENCES = 3;

/** Where the reading of one list stands. */
const placeSchema = z.object({
  /** The provider's own; `null` is the beginning. */
  cursor: z.string().nullable(),
  /** When the list was last read as a whole, to its end. */
  wholeAt: z.string().nullable(),
  /** Whether it is being read as a whole. */
  isWhole: z.boolean(),
});
type Place = z.infer<typeof placeSchema>;
const BEGINNING: Place = { cursor: null, wholeAt: null, isWhole: true };

/** One audience and kind, which have a cursor of their own. */
interface Scope {
  audience: Audience;
  kind: Departure['kind'];
  part: string;
  hookSince: string | null;
}

/**
 * Everybody the vendor says has left, audience by audience and kind by kind. A cursor moves only when its page is
 * stored, and a turn ends only when what was read in it is: no call is made for nothing. A sync adds and enriches, it never
 * removes. A list that fails does not keep the others unread. With nothing new: 1
 * call for the audiences, and 3 for each.
 */
export async function collectSuppressions(deps: CollectSuppressionsDeps, context: TaskContext): Promise<'done' | 'continue'> {
  const { tenantId, platform } = context.connection;
  const { audiences, vanished } = await refreshAudiences(deps, context.platform, context.connection);
  const isFirstTurn = context.run.counts['audiences'] === undefined;
  await context.report({ counts: { ...(isFirstTurn && { audiences: audiences.length }), vanishedAudiences: vanished } });
  const hooks = await deps.hooks.list(tenantId, platform);
  const scopes = audiences.flatMap((audience) =>
    DEPARTURE_KINDS.map((kind) => ({
      audience,
      kind,
      part: `${audience.id}:${kind}`,
      hookSince: coveredSince(hooks, audience.id),
    })),
  );
  const open = scopes.filter(({ part }) => !context.run.finished.includes(part));
  const step: Step = { isMoved: false, failures: [], silent: new Set() };
  const outcomes = await runAll(open, LANES.sync, async (scope, isStopped) => {
    try {
      return await collectScope(deps, context, scope, step, isStopped);
    } catch (error) {
      if (!isAppError(error) || isConnectionFault(error) || error.code === 'service_unavailable') throw error;
      if (!error.retryable) {
        context.problem(ofAudience(error, scope.audience));
        await context.report({ counts: { failed: 1 } });
        await context.finish(scope.part);
        return true;
      }
      step.failures.push(error);
      step.silent.add(scope.audience.id);
      if (step.silent.size >= SILENT_AUDIENCES) throw error;
      return false;
    }
  });
  // What failed is tried again once nothing else is left to do.
  if (step.failures[0] && !step.isMoved) throw step.failures[0];
  return outcomes.every((finished) => finished) ? 'done' : 'continue';
}

/** What became of the lists in one step of the run. */
interface Step {
  /** Whether any list got further. */
  isMoved: boolean;
  failures: AppError[];
  /** Audiences without an answer since the last answer of any. */
  silent: Set<string>;
}

async function collectScope(
  deps: CollectSuppressionsDeps,
  context: TaskContext,
  scope: Scope,
  step: Step,
  isStopped: () => boolean,
): Promise<boolean> {
  const { audience, kind, part } = scope;
  const { tenantId, platform } = context.connection;
  if (context.mustHandOver()) return false;
  const begun = deps.clock.now();
  let place = placeOf(await deps.runs.cursor(tenantId, 'suppressions', part), begun, { tenantId, audienceId: audience.id, kind });
  const keep = async (next: Place): Promise<void> => {
    if (JSON.stringify(next) !== JSON.stringify(place))
      await deps.runs.putCursor(tenantId, 'suppressions', part, JSON.stringify(next));
    step.isMoved ||= next.cursor !== place.cursor;
    place = next;
  };
  // Who left before the first reading may show any time of change since.
  const hookSince = place.wholeAt === null ? null : scope.hookSince;
  let expected = 0;
  const cut = { short: false };
  const mayGoOn = (inOneGo = false): boolean => {
    const isOver = isStopped() || (inOneGo ? context.outOfTime() : context.mustHandOver());
    cut.short ||= isOver;
    return !isOver;
  };
  try {
    for await (const page of context.platform.readDepartures(audience.vendorId, kind, place.cursor, mayGoOn)) {
      const total = Math.max(0, page.total - expected);
      expected = Math.max(expected, page.total);
      step.silent.clear();
      const read = page.departures.length;
      const of = { tenantId, platform, audienceId: audience.id, hookSince };
      const { changed, missed } = await storeDepartures(deps, of, page.departures);
      await keep({ ...place, cursor: page.cursor });
      const counts = { read, changed, unchanged: read - changed, ...(missed > 0 && { missedByWebhook: missed }) };
      await context.report({ done: read, total, counts });
    }
    if (cut.short) return false;
  } catch (error) {
    // Deleted between the list and this read: what it had told stays, the other audiences go on.
    if (!isAppError(error, 'list_not_found')) throw error;
    context.problem(ofAudience(error, audience));
    await context.report({ counts: { failed: 1 } });
    await context.finish(part);
    return true;
  }
  if (place.isWhole) await keep({ ...place, wholeAt: toIso(begun), isWhole: false });
  step.isMoved = true;
  await context.finish(part);
  return true;
}

/** Whoever reads of one problem among many audiences has to know which one it is. */
const ofAudience = (error: AppError, { name }: Audience): AppError =>
  new AppError(error.code, error.message, { ...error.extras, reason: `Audience “${withoutAddresses(name)}”: ${error.reason}` });

function placeOf(stored: string | null, now: number, scope: ListScope): Place {
  const known = placeSchema.safeParse(readJson(stored));
  // Of another version: reading from the beginning only adds.
  if (!known.success) return BEGINNING;
  const place = known.data;
  const isDue = !place.isWhole && place.wholeAt !== null && isWholeDue(scope, Date.parse(place.wholeAt), now);
  return isDue ? { ...place, cursor: null, isWhole: true } : place;
}

function readJson(text: string | null): unknown {
  try {
    const json: unknown = JSON.parse(text ?? 'null');
    return json;
  } catch {
    return null;
  }
}
