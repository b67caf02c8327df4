import type { Answer } from './api-call.ts';
import { accountControls } from './control-accounts.ts';
import type { ControlRoute } from './control-call.ts';
import { campaignControls } from './control-campaigns.ts';
import { hookControls } from './control-hooks.ts';
import { listControls } from './control-lists.ts';
import { memberControls } from './control-members.ts';
import { quirkControls } from './control-quirks.ts';
import { worldRoutes } from './control-world.ts';
import type { ControlOrder } from './faults.ts';
import type { HttpRequest } from './http-request.ts';
import { parseJson } from './input.ts';
import { ApiProblem, notAllowed } from './problem.ts';
import { match } from './router.ts';
import type { World } from './world.ts';

export const CONTROL_PREFIX = '/_control';

const ROUTES: readonly ControlRoute[] = [
  { method: 'GET', path: '/', about: 'This listing', handle: () => ({ status: 200, body: { routes: listing() } }) },
  ...worldRoutes,
  ...quirkControls,
  ...accountControls,
  ...listControls,
  ...memberControls,
  ...campaignControls,
  ...hookControls,
];

/** Serves the interface with which tests and people arrange the simulated world. */
export function serveControl(world: World, request: HttpRequest): Answer {
  const found = match(ROUTES, request.method, request.path.slice(CONTROL_PREFIX.length));
  if (found.kind === 'unknown')
    throw new ApiProblem(404, 'Unknown', `There is no such call; GET ${CONTROL_PREFIX} lists them all.`);
  if (found.kind === 'wrong-method') throw notAllowed('Method not allowed.', found.allow.join(', '));
  const body = request.method === 'GET' ? undefined : parseJson(request.body);
  return found.route.handle({ world, params: found.params, query: request.query, body });
}

/**
 * Does what a call of the control interface would do, in the middle of another call.
 * @throws ApiProblem 500 when it cannot be done, so that no test goes on with half of its world
 */
export function performControl(world: World, { method, path, body }: ControlOrder): void {
  const found = match(ROUTES, method, path);
  if (found.kind !== 'found') throw orderFailed(`${method} ${path} is no call of the control interface.`);
  try {
    found.route.handle({ world, params: found.params, query: new URLSearchParams(), body: body ?? {} });
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    throw orderFailed(`${method} ${path}: ${error.detail}`);
  }
}

const orderFailed = (detail: string): ApiProblem => new ApiProblem(500, 'Order Of A Fault Failed', detail);

const listing = (): object[] => ROUTES.map(({ method, path, about }) => ({ call: `${method} ${CONTROL_PREFIX}${path}`, about }));
