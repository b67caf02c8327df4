import { refreshAudiences, type RefreshAudiencesDeps } from '../audience/refresh-audiences.ts';
import { AppError } from '../shared/app-error.ts';
import { pushAudience, type PushAudienceDeps } from './push-audience.ts';
import type { TaskContext } from './task-context.ts';

export interface PushSuppressionsDeps extends RefreshAudiencesDeps, PushAudienceDeps {}

/**
 * Unsubscribes at the vendor, in one audience or in every one, whoever is suppressed here and still subscribed there.
 * Nobody else is touched, and nobody is subscribed. Safe to repeat: whoever is unsubscribed already is not met again. One
 * call and ten BatchGets per 1,000 subscribers, twice where somebody is unsubscribed; one read and two calls for each person
 * who is.
 * @throws AppError `list_not_found` when the one audience is gone, `sync_incomplete` when nothing moves any more
 */
export async function pushSuppressions(deps: PushSuppressionsDeps, context: TaskContext): Promise<'done' | 'continue'> {
  const { audiences } = await refreshAudiences(deps, context.platform, context.connection);
  const { audienceId, finished } = context.run;
  const wanted = audiences.filter(({ id }) => audienceId === undefined || id === audienceId);
  if (audienceId !== undefined && wanted.length === 0) throw new AppError('list_not_found', 'The audience is gone.');
  let isMoved = false;
  for (const audience of wanted.filter(({ id }) => !finished.includes(id))) {
    const outcome = await pushAudience(deps, context, audience);
    if (outcome === 'stuck' && !isMoved) {
      throw new AppError('sync_incomplete', 'A whole step found no time to unsubscribe anybody or to read on.');
    }
    if (outcome !== 'finished') return 'continue';
    isMoved = true;
  }
  return 'done';
}
