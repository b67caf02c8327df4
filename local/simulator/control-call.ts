import * as z from 'zod';
import type { Answer, Route } from './api-call.ts';
import { ApiProblem } from './problem.ts';
import type { Account, Audience, Campaign } from './records.ts';
import { entry } from './state.ts';
import type { World } from './world.ts';

export interface ControlCall {
  readonly world: World;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** A route of the control interface says in a few words what it is for. */
export interface ControlRoute extends Route<(call: ControlCall) => Answer> {
  readonly about: string;
}

/** A time in a control body: milliseconds or ISO 8601. */
export const time = z.union([z.number(), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))]);

const missing = (what: string): ApiProblem => new ApiProblem(404, 'Unknown', `There is no such ${what}.`);

/** The account with that id; the first one when none is named. */
export function accountById({ world }: ControlCall, id: string | undefined): Account {
  const account = world.sim.state.accounts.find((candidate) => id === undefined || candidate.id === id);
  if (account === undefined) throw missing('account');
  return account;
}

export function listById({ world }: ControlCall, id: string | undefined): Audience {
  const list = entry(world.sim.state.lists, id ?? '');
  if (list === undefined) throw missing('list');
  return list;
}

export function campaignById({ world }: ControlCall, id: string | undefined): Campaign {
  const campaign = entry(world.sim.state.campaigns, id ?? '');
  if (campaign === undefined) throw missing('campaign');
  return campaign;
}
