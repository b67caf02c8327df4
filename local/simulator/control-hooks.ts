import * as z from 'zod';
import { noContent, ok, type Answer } from './api-call.ts';
import type { ControlCall, ControlRoute } from './control-call.ts';
import { disableHook, reviveHook } from './deliveries.ts';
import { randomHex } from './ids.ts';
import { readBody } from './input.ts';
import { pageOf } from './paging.ts';
import { ApiProblem } from './problem.ts';
import type { Audience, Hook } from './records.ts';
import type { State } from './state.ts';
import { enqueue, webhookBody } from './webhook-events.ts';
import { deleteHook } from './webhooks.ts';

const fireInput = z
  .object({
    type: z.string(),
    data: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])).default({}),
    firedAt: z.string().optional(),
  })
  .strict();

/** Webhooks behind the client's back. Secrets are never shown. */
export const hookControls: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: '/hooks',
    about: 'All hooks, disabled ones too, with their last delivery',
    handle: ({ world }) => ok({ hooks: allHooks(world.sim.state) }),
  },
  {
    method: 'GET',
    path: '/hooks/{hook_id}/deliveries',
    about: 'Attempts made and deliveries still pending; ?count= for the latest attempts and the next deliveries only',
    handle: deliveries,
  },
  {
    method: 'DELETE',
    path: '/hooks/{hook_id}',
    about: 'Delete a hook as its owner would',
    handle: (call) => {
      const { list, hook } = hookById(call);
      deleteHook(call.world.sim, list, hook);
      return noContent;
    },
  },
  {
    method: 'POST',
    path: '/hooks/{hook_id}/disable',
    about: 'Disable a hook silently',
    handle: (call) => changed(call, (list, hook) => disableHook(call.world.sim, list, hook, 'by control')),
  },
  {
    method: 'POST',
    path: '/hooks/{hook_id}/enable',
    about: 'Enable it again',
    handle: (call) =>
      changed(call, (_, hook) => {
        reviveHook(call.world.sim, hook);
      }),
  },
  {
    method: 'POST',
    path: '/hooks/{hook_id}/rotate-secret',
    about: 'Sign with another secret, which the client does not get',
    handle: (call) =>
      changed(call, (_, hook) => {
        hook.signingSecret = `mcsig_${randomHex(16)}`;
      }),
  },
  {
    method: 'POST',
    path: '/hooks/{hook_id}/unsign',
    about: 'Stop signing, as for hooks made long ago',
    handle: (call) =>
      changed(call, (_, hook) => {
        delete hook.signingSecret;
      }),
  },
  {
    method: 'POST',
    path: '/hooks/{hook_id}/fire',
    about: 'Deliver any event: {type, data?, firedAt?}',
    handle: (call) => {
      const { list, hook } = hookById(call);
      const input = readBody(fireInput, call.body);
      const body = webhookBody(call.world.sim, input.type, input.data, input.firedAt);
      return ok({ deliveryId: enqueue(call.world.sim, list, hook, input.type, body).id });
    },
  },
  {
    method: 'POST',
    path: '/hooks/{hook_id}/redeliver',
    about: 'Deliver the last event once more',
    handle: (call) => {
      const { list, hook } = hookById(call);
      const last = call.world.deliverer.attempts(hook.id).at(-1);
      if (last === undefined) throw new ApiProblem(404, 'Unknown', 'Nothing was delivered to this hook yet.');
      return ok({ deliveryId: enqueue(call.world.sim, list, hook, last.type, last.body).id });
    },
  },
];

function deliveries(call: ControlCall): Answer {
  const { hook } = hookById(call);
  const attempts = call.world.deliverer.attempts(hook.id);
  const pending = call.world.sim.state.deliveries
    .filter((delivery) => delivery.hookId === hook.id)
    .map(({ body: _, ...rest }) => rest);
  const counts = { attemptCount: attempts.length, pendingCount: pending.length };
  if (!call.query.has('count')) return ok({ attempts, pending, ...counts });
  const { count } = pageOf(call.query);
  const next = pending.sort((a, b) => a.dueAt - b.dueAt).slice(0, count);
  return ok({ attempts: count === 0 ? [] : attempts.slice(-count), pending: next, ...counts });
}

function changed(call: ControlCall, change: (list: Audience, hook: Hook) => void): Answer {
  const { list, hook } = hookById(call);
  change(list, hook);
  call.world.sim.changed();
  return ok(view(list, hook));
}

function hookById({ world, params }: ControlCall): { list: Audience; hook: Hook } {
  for (const list of Object.values(world.sim.state.lists)) {
    const hook = list.hooks.find((candidate) => candidate.id === params['hook_id']);
    if (hook !== undefined) return { list, hook };
  }
  throw new ApiProblem(404, 'Unknown', 'There is no such hook.');
}

/** All hooks, disabled ones too, without their secrets. */
export const allHooks = ({ lists }: Pick<State, 'lists'>): object[] =>
  Object.values(lists).flatMap((list) => list.hooks.map((hook) => view(list, hook)));

function view(list: Audience, hook: Hook): object {
  const { signingSecret, ...shown } = hook;
  return { ...shown, listId: list.id, accountId: list.accountId, signed: signingSecret !== undefined };
}
