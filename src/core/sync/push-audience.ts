import * as z from 'zod';
import type { Audience } from '../audience/audience.ts';
import { LANES } from '../connection/use-platform.ts';
import type { Subscriber } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { runAll } from '../shared/run-all.ts';
import { checkSuppressions } from '../suppression/check-suppressions.ts';
import { findSuppression, type SuppressionDeps } from '../suppression/suppress.ts';
import type { TaskContext } from './task-context.ts';
import type { SyncRunStore } from './sync-run.ts';

export interface PushAudienceDeps extends SuppressionDeps {
  clock: Clock;
  runs: SyncRunStore;
}

/** So many are found before they are unsubscribed: about a minute of calls. Whoever leaves a list moves the others. */
const BATCH = 500;
/** One is enough at a vendor that pages well, besides the one that finds nobody. */
const MAX_PASSES = 10;

/** How far a run has come in an audience. */
const placeSchema = z.object({
  pass: z.number().int(),
  /** Somebody may have been unsubscribed in this pass: then it proves nothing, and there is another. */
  isDirty: z.boolean(),
  /** People of this pass whom the vendor refused to change. */
  failed: z.number().int(),
  cursor: z.string().nullable(),
});
type Place = z.infer<typeof placeSchema>;
const START: Place = { pass: 1, isDirty: false, failed: 0, cursor: null };

interface Batch {
  exposed: Subscriber[];
  read: number;
}

/**
 * Unsubscribes in one audience whoever is suppressed and still subscribed. Passes over the audience until one finds nobody
 * whom it can unsubscribe: only that proves that nobody was passed over while the list moved.
 * @returns `finished`; when time ran out, whether it `moved` on: then it goes on there, or is `stuck`
 * @throws AppError `sync_incomplete` when every pass finds somebody
 */
export async function pushAudience(
  deps: PushAudienceDeps,
  context: TaskContext,
  audience: Audience,
): Promise<'finished' | 'moved' | 'stuck'> {
  const { tenantId, runId } = context.run;
  const begun = deps.clock.now();
  let place = placeOf(runId, await deps.runs.cursor(tenantId, 'push', audience.id));
  const step = { isMoved: false };
  /** Of this pass: whoever is refused in one may be changed in the next. */
  let refusals: AppError[] = [];
  const keep = async (next: Place): Promise<void> => {
    place = next;
    await deps.runs.putCursor(tenantId, 'push', audience.id, `${runId} ${JSON.stringify(next)}`);
  };
  /** At least half of the time belongs to those who were found. */
  const isTimeToAct = (): boolean => deps.clock.now() >= begun + (context.deadlineMs - begun) / 2;

  /** @returns whether all were dealt with; if not, they are found again at the same cursor */
  const deal = async ({ exposed, read }: Batch, cursor: string | null): Promise<boolean> => {
    const before = place;
    // First: after a crash nobody knows whom it unsubscribed.
    if (exposed.length > 0 && !place.isDirty) await keep({ ...place, isDirty: true });
    const { unsubscribed, refused, isWhole } = await unsubscribeAll(deps, context, audience, exposed);
    step.isMoved ||= unsubscribed > 0;
    await context.report({ counts: { suppressed: unsubscribed, unsubscribed } });
    if (!isWhole) return false;
    step.isMoved = true;
    // Others only read again what was counted before.
    if (place.pass === 1) await context.report({ done: read, counts: { read } });
    await keep({ ...before, isDirty: before.isDirty || unsubscribed > 0, failed: before.failed + refused.length, cursor });
    refusals.push(...refused);
    return true;
  };

  /** @returns whether it came to the end of the audience */
  const pass = async (): Promise<boolean> => {
    let batch: Batch = { exposed: [], read: 0 };
    const isBeginning = place.pass === 1 && place.cursor === null;
    for await (const { people, cursor, total } of context.platform.readSubscribers(
      audience.vendorId,
      place.cursor,
      'oldest_first',
    )) {
      if (isBeginning) await context.report({ total });
      batch = {
        exposed: [...batch.exposed, ...(await exposedOf(deps, tenantId, people))],
        read: batch.read + people.length,
      };
      const isFull = batch.exposed.length === 0 || batch.exposed.length >= BATCH || cursor === null;
      if (isFull || isTimeToAct()) {
        if (!(await deal(batch, cursor))) return false;
        batch = { exposed: [], read: 0 };
      }
      if (cursor !== null && context.outOfTime()) return false;
    }
    return true;
  };

  try {
    while (!context.outOfTime()) {
      if (!(await pass())) break;
      if (!place.isDirty) {
        await context.report({ counts: { suppressed: place.failed, failed: place.failed } });
        // Those of a step before are counted only.
        if (place.failed > 0 && refusals.length === 0)
          refusals = [new AppError('vendor_rejected', 'Somebody could not be unsubscribed.')];
        refusals.forEach((error) => context.problem(error));
        await context.finish(audience.id);
        return 'finished';
      }
      if (place.pass >= MAX_PASSES)
        throw new AppError('sync_incomplete', `Somebody was found in each of ${MAX_PASSES} passes over one audience.`);
      await keep({ ...START, pass: place.pass + 1 });
      refusals = [];
    }
  } catch (error) {
    // Deleted meanwhile: nobody is mailed there any more.
    if (!isAppError(error, 'list_not_found')) throw error;
    context.problem(error);
    await context.finish(audience.id);
    return 'finished';
  }
  return step.isMoved ? 'moved' : 'stuck';
}

/** A place of another run is none: people may have been suppressed since who were subscribed all along. */
function placeOf(runId: string, stored: string | null): Place {
  if (!stored?.startsWith(`${runId} {`)) return START;
  return placeSchema.parse(JSON.parse(stored.slice(runId.length + 1)));
}

async function exposedOf(deps: SuppressionDeps, tenantId: string, people: readonly Subscriber[]): Promise<Subscriber[]> {
  const emails = people.map(({ email }) => email);
  const suppressed = new Set((await checkSuppressions(deps, tenantId, emails)).map(({ email }) => email));
  return people.filter(({ email }) => suppressed.has(email));
}

async function unsubscribeAll(
  deps: SuppressionDeps,
  context: TaskContext,
  { vendorId }: Audience,
  exposed: readonly Subscriber[],
): Promise<{ unsubscribed: number; refused: AppError[]; isWhole: boolean }> {
  const refused: AppError[] = [];
  let [unsubscribed, isWhole] = [0, true];
  await runAll(exposed, LANES.sync, async (person) => {
    if (context.outOfTime()) {
      isWhole = false;
      return;
    }
    // Somebody may have lifted it since the page was compared.
    if (!(await findSuppression(deps, context.run.tenantId, person.email))) return;
    try {
      if (await context.platform.unsubscribeContact(vendorId, person.vendorId)) unsubscribed++;
    } catch (error) {
      // One person whom the vendor refuses to change does not keep the others subscribed.
      if (!isAppError(error, 'vendor_rejected')) throw error;
      refused.push(error);
    }
  });
  return { unsubscribed, refused, isWhole };
}
