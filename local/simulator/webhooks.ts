import * as z from 'zod';
import { links, noContent, ok, param, type ApiCall, type Answer, type Route } from './api-call.ts';
import { newHexId, randomHex } from './ids.ts';
import { readBody } from './input.ts';
import { listOf } from './list-view.ts';
import { reviveHook } from './deliveries.ts';
import { callUrl } from './outbound.ts';
import { invalidResource, notFound } from './problem.ts';
import type { Audience, Hook } from './records.ts';
import type { Simulation } from './state.ts';

const flags = z.record(z.string(), z.boolean());
const createInput = z.object({ url: z.string(), events: flags.optional(), sources: flags.optional() });
const EVENTS = ['subscribe', 'unsubscribe', 'profile', 'cleaned', 'upemail', 'campaign'];
const SOURCES = ['user', 'admin', 'api'];

/** https://mailchimp.com/developer/marketing/api/list-webhooks/ */
export const webhookRoutes: readonly Route[] = [
  { method: 'GET', path: '/lists/{list_id}/webhooks', handle: index },
  { method: 'POST', path: '/lists/{list_id}/webhooks', handle: create },
  { method: 'GET', path: '/lists/{list_id}/webhooks/{webhook_id}', handle: show },
  { method: 'PATCH', path: '/lists/{list_id}/webhooks/{webhook_id}', handle: update },
  { method: 'DELETE', path: '/lists/{list_id}/webhooks/{webhook_id}', handle: remove },
];

function index(call: ApiCall): Answer {
  const list = listOf(call, param(call, 'list_id'));
  const hooks = visible(call.sim, list);
  return ok({
    webhooks: hooks.map((hook) => view(call, list, hook)),
    list_id: list.id,
    total_items: hooks.length,
    _links: links(call.account, `/lists/${list.id}/webhooks`),
  });
}

function show(call: ApiCall): Answer {
  const { list, hook } = hookOf(call);
  return ok(view(call, list, hook));
}

/** The secret is in this answer and, as a rule, in no other. */
async function create(call: ApiCall): Promise<Answer> {
  const list = listOf(call, param(call, 'list_id'));
  const input = readBody(createInput, call.body);
  checkDistinct(call.sim, list, input.url);
  await checkAnswers(call.sim, input.url);
  checkDistinct(call.sim, list, input.url);
  const hook: Hook = {
    id: newHexId(call.sim.state, 'webhook'),
    url: input.url,
    events: allFlags(call.sim, EVENTS, input.events),
    sources: allFlags(call.sim, SOURCES, input.sources),
    ...(call.sim.state.settings.signWebhooks ? { signingSecret: `mcsig_${randomHex(16)}` } : {}),
    createdAt: call.sim.now(),
    consecutiveFailures: 0,
    hour: { startedAt: call.sim.now(), attempts: 0, failures: 0 },
  };
  list.hooks.push(hook);
  call.sim.changed();
  return ok({ ...view(call, list, hook), ...secretOf(hook) });
}

/** Changing a disabled hook brings it back, as saving it in the web application does. */
async function update(call: ApiCall): Promise<Answer> {
  const { list, hook } = hookOf(call);
  const input = readBody(createInput.partial(), call.body);
  if (input.url !== undefined && input.url !== hook.url) {
    checkDistinct(call.sim, list, input.url, hook);
    await checkAnswers(call.sim, input.url);
    hook.url = input.url;
  }
  hook.events = { ...hook.events, ...input.events };
  hook.sources = { ...hook.sources, ...input.sources };
  reviveHook(call.sim, hook);
  return ok(view(call, list, hook));
}

function remove(call: ApiCall): Answer {
  const { list, hook } = hookOf(call);
  deleteHook(call.sim, list, hook);
  return noContent;
}

/** Deletes a hook and what it has not delivered yet. */
export function deleteHook(sim: Simulation, list: Audience, hook: Hook): void {
  list.hooks = list.hooks.filter((known) => known !== hook);
  sim.state.deliveries = sim.state.deliveries.filter((delivery) => delivery.hookId !== hook.id);
  sim.changed();
}

const visible = (sim: Simulation, list: Audience): Hook[] =>
  list.hooks.filter((hook) => hook.disabled === undefined || sim.state.settings.disabledHooks === 'listed');

function hookOf(call: ApiCall): { list: Audience; hook: Hook } {
  const list = listOf(call, param(call, 'list_id'));
  const hook = visible(call.sim, list).find((candidate) => candidate.id === param(call, 'webhook_id'));
  if (hook === undefined) throw notFound();
  return { list, hook };
}

/** Two hooks of one list must differ, as a rule in more than the query of their URLs. */
function checkDistinct(sim: Simulation, list: Audience, url: string, except?: Hook): void {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw invalidResource([{ field: 'url', message: 'Invalid URL' }]);
  const place = (text: string): string => (sim.state.settings.ignoreHookQuery ? withoutQuery(text) : new URL(text).href);
  if (visible(sim, list).some((hook) => hook !== except && place(hook.url) === place(url))) {
    throw invalidResource([{ field: 'url', message: "Sorry, you can't set up multiple WebHooks for one URL" }]);
  }
}

function withoutQuery(text: string): string {
  const url = new URL(text);
  return `${url.origin}${url.pathname}`;
}

/** The vendor asks the URL before it accepts it, within the call that creates the hook. */
async function checkAnswers(sim: Simulation, url: string): Promise<void> {
  if (!sim.state.settings.validateHookUrls) return;
  const answer = await callUrl({
    method: 'GET',
    url,
    headers: { 'User-Agent': 'MailChimp.com WebHook Validator' },
    timeoutMs: sim.state.settings.webhookTimeoutMs,
  });
  if ('status' in answer && answer.status === 200) return;
  const code = 'status' in answer ? String(answer.status) : answer.error;
  throw invalidResource([], `We couldn't verify the URL is working. Please double check and try again. HTTP Code: ${code}`);
}

const allFlags = (
  { state }: Simulation,
  names: readonly string[],
  given: Readonly<Record<string, boolean>> = {},
): Record<string, boolean> => ({
  ...Object.fromEntries(names.map((name) => [name, !state.settings.omittedFlagsAreOff])),
  ...given,
});

const secretOf = ({ signingSecret }: Hook): object => (signingSecret === undefined ? {} : { signing_secret: signingSecret });

function view({ account, sim }: ApiCall, list: Audience, hook: Hook): object {
  return {
    id: hook.id,
    url: hook.url,
    events: hook.events,
    sources: hook.sources,
    list_id: list.id,
    signing_enabled: hook.signingSecret !== undefined,
    ...(sim.state.settings.secretOnce ? {} : secretOf(hook)),
    _links: links(account, `/lists/${list.id}/webhooks/${hook.id}`),
  };
}
