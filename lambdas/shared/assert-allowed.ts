import type { Route } from '../../src/contract/route.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import { actionOf, takeDown, type AuditDeps } from './audited.ts';
import { jsonBodyOf, type Call } from './route-handler.ts';

/**
 * Refuses a role that may not call the route. The attempt at something that the trail takes down is taken down, by one
 * write. @throws AppError `forbidden`
 */
export async function assertAllowed(deps: AuditDeps, route: Route, call: Call): Promise<void> {
  const { caller, event } = call;
  if (!caller || !route.roles || route.roles.includes(caller.role)) return;
  const body = readable(() => jsonBodyOf(event));
  const params = route.params?.safeParse(event.pathParameters ?? {}).data;
  const action = actionOf(route, body);
  if (action) await takeDown(deps, caller, action, { params, body, call }, { outcome: 'denied', error: 'forbidden' });
  throw new AppError('forbidden', `The role ${caller.role} may not do this.`);
}

/** The body of a refused request may be anything. */
function readable(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}
