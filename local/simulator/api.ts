import { abuseReportRoutes } from './abuse-reports.ts';
import { accountRoutes } from './account.ts';
import type { Answer, Route } from './api-call.ts';
import { authenticate, checkRole } from './authentication.ts';
import { automationRoutes } from './automations.ts';
import { campaignRoutes } from './campaigns.ts';
import { performControl } from './control.ts';
import { withFault, type Outcome } from './faults.ts';
import { checkedFields, filterFields } from './fields-filter.ts';
import type { HttpRequest } from './http-request.ts';
import { parseJson } from './input.ts';
import { listRoutes } from './lists.ts';
import { memberRoutes } from './members.ts';
import { moreListRoutes } from './more-list-routes.ts';
import { notAllowed, notFound, problemNamed, triggeredProblem } from './problem.ts';
import type { Account } from './records.ts';
import { reportRoutes } from './reports.ts';
import { match } from './router.ts';
import { templateRoutes } from './templates.ts';
import { verifiedDomainRoutes } from './verified-domains.ts';
import { webhookRoutes } from './webhooks.ts';
import type { World } from './world.ts';

export const API_PREFIX = '/3.0';

const ROUTES: readonly Route[] = [
  ...accountRoutes,
  ...listRoutes,
  ...memberRoutes,
  ...abuseReportRoutes,
  ...webhookRoutes,
  ...moreListRoutes,
  ...campaignRoutes,
  ...reportRoutes,
  ...templateRoutes,
  ...automationRoutes,
  ...verifiedDomainRoutes,
];

/** What the log of calls wants to know about a call before it is answered. */
export interface CallNotes {
  route: string;
  accountId: string;
  loginId: number;
  inFlight: number;
  release: () => void;
}

/**
 * Serves one call of the Marketing API.
 * @throws ApiProblem for every error of the vendor's vocabulary
 */
export async function serveApi(world: World, request: HttpRequest, notes: CallNotes): Promise<Outcome> {
  const { sim } = world;
  const { settings } = sim.state;
  const method = methodOf(request);
  const path = request.path.slice(API_PREFIX.length) || '/';
  const found = match(ROUTES, method, path);
  if (found.kind !== 'unknown') notes.route = API_PREFIX + (found.kind === 'found' ? found.route.path : found.path);
  const trigger = triggeredProblem(request.header('x-trigger-error') ?? '');
  if (trigger !== undefined) throw trigger;
  const account = authenticate(sim, request.header('authorization'), request.header('host'));
  notes.accountId = account.id;
  notes.loginId = account.loginId;
  const slot = takeSlot(world, account);
  if (slot === undefined) return { status: settings.throttleStatus };
  notes.inFlight = slot.inFlight;
  notes.release = slot.release;
  if (settings.latencyMs > 0) await world.sleep(settings.latencyMs);
  const fault = world.faults.take({ method, path: request.path, query: request.query, accountId: account.id });
  const run = async (): Promise<Answer> => {
    if (found.kind === 'unknown') throw notFound();
    if (found.kind === 'wrong-method') {
      throw notAllowed(
        'The requested method and resource are not compatible. See the Allow header for this resource.',
        found.allow.join(', '),
      );
    }
    checkRole(account, method, found.route.path);
    checkedFields(request.query);
    await offsetCost(world, request.query);
    const body = method === 'GET' ? undefined : parseJson(request.body);
    const answer = await found.route.handle({ sim, account, params: found.params, query: request.query, body });
    return answer.body === undefined
      ? answer
      : { ...answer, body: filterFields(answer.body, request.query, settings.unknownFields) };
  };
  return withFault(fault, run, { sleep: (ms) => world.sleep(ms), control: (order) => performControl(world, order) });
}

/** `X-HTTP-Method-Override` is for clients that can only POST. */
function methodOf(request: HttpRequest): string {
  const override = request.header('x-http-method-override');
  if (override === undefined) return request.method === 'HEAD' ? 'GET' : request.method;
  if (request.method !== 'POST') throw problemNamed('InvalidMethodOverride');
  return override.toUpperCase();
}

function takeSlot({ sim, slots }: World, account: Account): ReturnType<World['slots']['take']> | undefined {
  try {
    return slots.take(sim, account.loginId);
  } catch (error) {
    if (sim.state.settings.throttleBodyless) return undefined;
    throw error;
  }
}

async function offsetCost({ sim, sleep }: World, query: URLSearchParams): Promise<void> {
  const rows = sim.state.settings.offsetRowsPerSecond;
  const offset = Number(query.get('offset') ?? 0);
  if (rows > 0 && offset > 0) await sleep((offset / rows) * 1000);
}
