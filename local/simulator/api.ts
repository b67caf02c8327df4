import { abuseReportRoutes } from './abuse-reports.ts';
import { accountRoutes } from './account.ts';
import type { Answer, Route } from './api-call.ts';
import { authenticate, checkRole } from './authentication.ts';
import { automationRoutes } from './automations.ts';
import { campaignRoutes } from './campaigns.ts';
import { performControl } from './control.ts';
import { nullDates } from './date-fields.ts';
import { gatewayError, withFault, type Outcome } from './faults.ts';
import { checkedFields, filterFields } from './fields-filter.ts';
import type { HttpRequest } from './http-request.ts';
import { sha256 } from './ids.ts';
import { parseJson } from './input.ts';
import { interestRoutes } from './interests.ts';
import { listRoutes } from './lists.ts';
import { memberRoutes } from './members.ts';
import { moreListRoutes } from './more-list-routes.ts';
import { ApiProblem, notAllowed, notFound, problemNamed, triggeredProblem } from './problem.ts';
import { applyQueryRules } from './query-rules.ts';
import type { Account } from './records.ts';
import { reportRoutes } from './reports.ts';
import { match } from './router.ts';
import { segmentRoutes } from './segments.ts';
import type { Settings } from './settings.ts';
import { templateRoutes } from './templates.ts';
import { verifiedDomainRoutes } from './verified-domains.ts';
import { webhookRoutes } from './webhooks.ts';
import type { World } from './world.ts';

export const API_PREFIX = '/3.0';

/** Every route of the API, without its prefix. */
export const API_ROUTES: readonly Route[] = [
  ...accountRoutes,
  ...listRoutes,
  ...memberRoutes,
  ...abuseReportRoutes,
  ...webhookRoutes,
  ...segmentRoutes,
  ...interestRoutes,
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
  /** The one that counts, whichever way it was given; empty until it is known. */
  method: string;
  fault: string | undefined;
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
  const method = methodOf(request, settings);
  const path = request.path.slice(API_PREFIX.length) || '/';
  notes.method = method;
  const found = match(API_ROUTES, method, path);
  if (found.kind !== 'unknown') notes.route = API_PREFIX + (found.kind === 'found' ? found.route.path : found.path);
  checkScheme(request, settings);
  const trigger = settings.triggerErrors ? triggeredProblem(request.header('x-trigger-error') ?? '') : undefined;
  if (trigger !== undefined) throw trigger;
  const account = authenticate(sim, request.header('authorization'), request.header('host'));
  notes.accountId = account.id;
  notes.loginId = account.loginId;
  const slot = takeSlot(world, account, request);
  if (slot === undefined) return { status: settings.throttleStatus };
  notes.inFlight = slot.inFlight;
  notes.release = slot.release;
  const { callLimitMs, latencyMs } = settings;
  if (callLimitMs > 0 && latencyMs + offsetCost(settings, request.query) > callLimitMs) {
    await world.sleep(callLimitMs);
    return cutOff(settings);
  }
  if (settings.latencyMs > 0) await world.sleep(settings.latencyMs);
  const fault = world.faults.take({ method, path: request.path, query: request.query, accountId: account.id });
  notes.fault = fault?.kind;
  const run = async (): Promise<Answer> => {
    if (found.kind === 'unknown') throw notFound();
    if (found.kind === 'wrong-method') {
      throw notAllowed(
        'The requested method and resource are not compatible. See the Allow header for this resource.',
        found.allow.join(', '),
      );
    }
    checkRole(account, method, found.route.path);
    checkedFields(request.query, settings);
    const query = applyQueryRules(request.query, settings);
    const cost = offsetCost(settings, query);
    if (cost > 0) await world.sleep(cost);
    const body = method === 'GET' ? undefined : parseJson(request.body);
    const answer = await found.route.handle({ sim, account, params: found.params, query, body });
    if (answer.body === undefined) return answer;
    const shown = filterFields(answer.body, query, settings);
    return { ...answer, body: settings.emptyDates ? shown : nullDates(shown) };
  };
  return withFault(sim, fault, run, { sleep: (ms) => world.sleep(ms), control: (order) => performControl(world, order) });
}

/** This server has no TLS of its own; what stands before it says by which scheme a call came. */
function checkScheme(request: HttpRequest, settings: Settings): void {
  if (!settings.refusePlainHttp || request.header('x-forwarded-proto') !== 'http') return;
  throw new ApiProblem(
    426,
    'Upgrade Required',
    'Your request was made with the HTTP protocol. Please make your request via HTTPS rather than HTTP.',
    { headers: { Upgrade: 'TLS/1.2' } },
  );
}

/** `X-HTTP-Method-Override` is for clients that can only POST. */
function methodOf(request: HttpRequest, settings: Settings): string {
  const override = request.header('x-http-method-override');
  if (override === undefined) return request.method === 'HEAD' ? 'GET' : request.method;
  if (settings.overrideOnPostOnly && request.method !== 'POST') throw problemNamed('InvalidMethodOverride');
  return override.toUpperCase();
}

/** A slot of the vendor user, or of the credentials alone; undefined when the refusal has no body. */
function takeSlot({ sim, slots }: World, account: Account, request: HttpRequest): ReturnType<World['slots']['take']> | undefined {
  const { limitPerUser, throttleBodyless, throttleStatus } = sim.state.settings;
  try {
    return slots.take(sim, limitPerUser ? String(account.loginId) : sha256(request.header('authorization') ?? ''));
  } catch (error) {
    if (throttleBodyless || throttleStatus === 403) return undefined;
    throw error;
  }
}

/** The milliseconds that skipping so many rows takes. */
function offsetCost({ offsetRowsPerSecond }: Settings, query: URLSearchParams): number {
  const offset = Number(query.get('offset') ?? 0);
  return offsetRowsPerSecond > 0 && offset > 0 ? (offset / offsetRowsPerSecond) * 1000 : 0;
}

/** The vendor's network closes what takes too long. */
function cutOff(settings: Settings): Answer {
  const answer = gatewayError(settings, 502, 'Bad Gateway');
  if (answer instanceof ApiProblem) throw answer;
  return answer;
}
