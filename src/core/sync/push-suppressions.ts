import type { Audience } from '../audience/audience.ts';
import { refreshAudiences, type RefreshAudiencesDeps } from '../audience/refresh-audiences.ts';
import { LANES } from '../connection/use-platform.ts';
import { isAppError } from '../shared/app-error.ts';
import { runAll } from '../shared/run-all.ts';
import { checkSuppressions, findSuppression, type SuppressionDeps } from '../suppression/suppress.ts';
import type { TaskContext } from './run-sync.ts';
import type { SyncRunStore } from './sync-run.ts';

export interface PushSuppressionsDeps extends RefreshAudiencesDeps, SuppressionDeps {
  runs: SyncRunStore;
}

/**
 * Unsubscribes at the vendor, in every audience, whoever is suppressed here and still subscribed there. Nobody else is
 * touched, and nobody is subscribed. Safe to repeat: whoever is unsubscribed already is not met again. One call and ten
 * BatchGets per 1,000 subscribers, one read and two calls for each person who is unsubscribed.
 */
export async function pushSuppressions(deps: PushSuppressionsDeps, context: TaskContext): Promise<'done' | 'continue'> {
  const { audiences } = await refreshAudiences(deps, context.platform, context.connection);
  const open = audiences.filter(({ id }) => !context.run.finished.includes(id));
  for (const audience of open) if (!(await pushInto(deps, context, audience))) return 'continue';
  return 'done';
}

/** @returns whether the audience is finished; when not, its cursor says where to go on */
async function pushInto(deps: PushSuppressionsDeps, context: TaskContext, audience: Audience): Promise<boolean> {
  if (context.outOfTime()) return false;
  const { tenantId, runId } = context.run;
  const cursor = cursorOf(runId, await deps.runs.cursor(tenantId, 'push', audience.id));
  try {
    for await (const page of context.platform.readSubscribers(audience.vendorId, cursor)) {
      // A continuation is told of the rest, which was counted before.
      if (cursor === null) await context.report({ total: page.total });
      const counts = await pushPage(deps, context, audience, page.emails);
      await deps.runs.putCursor(tenantId, 'push', audience.id, page.cursor === null ? null : `${runId} ${page.cursor}`);
      await context.report({ done: page.emails.length, counts: { read: page.emails.length, ...counts } });
      if (context.outOfTime()) return false;
    }
  } catch (error) {
    // Deleted meanwhile: nobody is mailed there any more.
    if (!isAppError(error, 'list_not_found')) throw error;
    context.problem(error);
  }
  await context.finish(audience.id);
  return true;
}

/** A cursor of another run is none: people may have been suppressed since who were subscribed all along. */
const cursorOf = (runId: string, stored: string | null): string | null =>
  stored?.startsWith(`${runId} `) ? stored.slice(runId.length + 1) : null;

async function pushPage(
  deps: PushSuppressionsDeps,
  context: TaskContext,
  { vendorId }: Audience,
  emails: readonly string[],
): Promise<{ suppressed: number; unsubscribed: number; failed: number }> {
  const { tenantId } = context.run;
  const suppressed = await checkSuppressions(deps, tenantId, emails);
  let [unsubscribed, failed] = [0, 0];
  await runAll(suppressed, LANES.sync, async ({ email }) => {
    // Somebody may have lifted it since the page was compared.
    if (!(await findSuppression(deps, tenantId, email))) return;
    try {
      if (await context.platform.unsubscribeContact(vendorId, email)) unsubscribed++;
    } catch (error) {
      // One person whom the vendor refuses to change does not keep the others subscribed.
      if (!isAppError(error, 'vendor_rejected')) throw error;
      failed++;
      context.problem(error);
    }
  });
  return { suppressed: suppressed.length, unsubscribed, failed };
}
