import * as z from 'zod';
import { ok } from './api-call.ts';
import type { ControlRoute } from './control-call.ts';
import { allHooks } from './control-hooks.ts';
import { brief } from './control-lists.ts';
import { faultInput } from './faults.ts';
import { readBody } from './input.ts';
import { ApiProblem } from './problem.ts';
import type { Duration } from './public-interface.ts';
import { reportOf } from './report-numbers.ts';
import { settingsRecord } from './settings.ts';
import type { World } from './world.ts';

const UNITS = { ms: 1, seconds: 1_000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } satisfies Record<
  keyof Duration,
  number
>;
/** What dates can be written of. */
const LAST_MOMENT = Date.parse('9999-12-31T23:59:59Z');
const span = z.number().min(0).default(0);
const advanceInput = z.object({ ms: span, seconds: span, minutes: span, hours: span, days: span }).strict();
const resetInput = z.object({ seed: z.string().optional(), empty: z.boolean().optional() });

/** The world as a whole: its state, its time, its settings, its faults and its log. */
export const worldRoutes: readonly ControlRoute[] = [
  { method: 'GET', path: '/state', about: 'Summary of what there is', handle: ({ world }) => ok(summary(world)) },
  {
    method: 'POST',
    path: '/reset',
    about: 'Begin anew: {seed?, empty?}',
    handle: ({ world, body }) => {
      world.reset(readBody(resetInput, body));
      return ok(summary(world));
    },
  },
  { method: 'GET', path: '/clock', about: 'The simulated time', handle: ({ world }) => ok(clock(world)) },
  {
    method: 'POST',
    path: '/clock/advance',
    about: 'Move the simulated time: {ms?, seconds?, minutes?, hours?, days?}',
    handle: ({ world, body }) => {
      if (world.advanceClock === undefined)
        throw new ApiProblem(409, 'Foreign Clock', 'Another program owns the clock of this simulator.');
      const input = readBody(advanceInput, body);
      const ms =
        input.ms * UNITS.ms +
        input.seconds * UNITS.seconds +
        input.minutes * UNITS.minutes +
        input.hours * UNITS.hours +
        input.days * UNITS.days;
      if (world.sim.now() + ms > LAST_MOMENT)
        throw new ApiProblem(400, 'Too Far', 'Times end with the year 9999: the clock stays where it is.');
      world.advanceClock(ms);
      world.tick();
      return ok(clock(world));
    },
  },
  { method: 'GET', path: '/settings', about: 'All settings', handle: ({ world }) => ok(world.sim.state.settings) },
  {
    method: 'POST',
    path: '/settings',
    about: 'Change some settings',
    handle: ({ world, body }) => {
      const { state } = world.sim;
      const given = readBody(z.record(z.string(), z.unknown()), body);
      state.settings = readBody(settingsRecord.strict(), { ...state.settings, ...given });
      world.sim.changed();
      return ok(state.settings);
    },
  },
  {
    method: 'GET',
    path: '/faults',
    about: 'The faults and how often they struck',
    handle: ({ world }) => ok({ faults: world.faults.list() }),
  },
  {
    method: 'POST',
    path: '/faults',
    about:
      'Order a fault: {match: {method?, path?, query?, accountId?}, kind, times?, skip?, ms?, afterCommit?, problem?, by?, step?, then?, retryAfter?}',
    handle: ({ world, body }) => ok(world.faults.add(readBody(faultInput.strict(), body))),
  },
  {
    method: 'DELETE',
    path: '/faults',
    about: 'Remove all faults',
    handle: ({ world }) => {
      world.faults.clear();
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    path: '/calls',
    about: 'The last calls; ?since=<seq> leaves out older ones',
    handle: ({ world, query }) => ok({ calls: world.calls.since(Number(query.get('since') ?? 0)) }),
  },
  {
    method: 'GET',
    path: '/calls/counters',
    about: 'Calls per route and status, and the most in flight at once',
    handle: ({ world }) => ok(world.calls.counters()),
  },
  {
    method: 'DELETE',
    path: '/calls',
    about: 'Forget the calls and their counters',
    handle: ({ world }) => {
      world.calls.clear();
      return { status: 204 };
    },
  },
];

const clock = ({ sim, advanceClock }: World): object => ({
  now: new Date(sim.now()).toISOString(),
  own: advanceClock !== undefined,
});

function summary(world: World): object {
  const { state } = world.sim;
  return {
    ...clock(world),
    /** Another number than before: something changed that is remembered. */
    version: world.sim.version(),
    seed: state.seed,
    settings: state.settings,
    apps: state.apps.map(({ clientId, redirectUris }) => ({ clientId, redirectUris })),
    accounts: state.accounts.map((account) => ({
      ...account,
      livingTokens: Object.values(state.tokens).filter((token) => token.accountId === account.id && !token.revoked).length,
    })),
    lists: Object.values(state.lists).map((list) => ({ ...brief(list), hooks: list.hooks.length })),
    hooks: allHooks(state),
    campaigns: Object.values(state.campaigns)
      .slice(-50)
      .map((campaign) => ({
        id: campaign.id,
        accountId: campaign.accountId,
        listId: campaign.listId,
        status: campaign.status,
        subject: campaign.settings['subject_line'] ?? '',
        recipients: campaign.recipients,
        testSends: campaign.testSends,
        ...(campaign.sentAt === undefined ? {} : { sentAt: campaign.sentAt, report: reportOf(world.sim, campaign) }),
      })),
    campaignCount: Object.keys(state.campaigns).length,
    templates: state.templates.map(({ id, accountId, name, active }) => ({ id, accountId, name, active })),
    automations: state.automations.map(({ id, accountId, title, status }) => ({ id, accountId, title, status })),
    pendingDeliveries: state.deliveries.length,
    dueDeliveries: state.deliveries.filter((delivery) => delivery.dueAt <= world.sim.now()).length,
    faults: world.faults.list(),
    calls: world.calls.span(),
  };
}
