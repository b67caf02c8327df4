import * as z from 'zod';
import { ok } from './api-call.ts';
import { campaignById, listById, time, type ControlCall, type ControlRoute } from './control-call.ts';
import { brief } from './control-lists.ts';
import { memberPage } from './control-member-page.ts';
import { memberId } from './ids.ts';
import { readBody } from './input.ts';
import { bookOf } from './member-book.ts';
import { archive, bounce, changeEmail, complain, forget, subscribe, unsubscribe, type Cause } from './member-events.ts';
import { draftMember, memberDetails, withDetails } from './member-input.ts';
import { memberStatus, type Audience, type Member } from './records.ts';
import { ApiProblem } from './problem.ts';
import type { Simulation } from './state.ts';
import { addTags } from './tags.ts';

const one = memberDetails.extend({ email: z.string(), status: memberStatus.default('subscribed'), lastChanged: time.optional() });
const membersInput = z
  .object({
    members: z.array(one).default([]),
    subscribed: z.number().int().min(0).default(0),
    unsubscribed: z.number().int().min(0).default(0),
    cleaned: z.number().int().min(0).default(0),
  })
  .strict();
const source = z.enum(['user', 'admin', 'api']).default('user');
const causeInput = z
  .object({
    source,
    campaignId: z.string().optional(),
    reason: z.string().optional(),
    kind: z.enum(['hard', 'soft']).default('hard'),
    newEmail: z.string().optional(),
  })
  .strict();
const ACTIONS = ['unsubscribe', 'resubscribe', 'bounce', 'complain', 'change-email', 'archive', 'forget'] as const;
type Action = (typeof ACTIONS)[number];
const burstInput = z
  .object({
    count: z.number().int().min(1),
    action: z.enum(['unsubscribe', 'bounce', 'complain', 'archive']).default('unsubscribe'),
    source,
    campaignId: z.string().optional(),
  })
  .strict();

/** What happens to members without the API: readers who act, mail that bounces, owners who click. */
export const memberControls: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: '/lists/{list_id}/members',
    about: 'One page of the members, archived ones too: ?status=&query=&offset=&count=',
    handle: memberPage,
  },
  {
    method: 'POST',
    path: '/lists/{list_id}/members',
    about: 'Add members silently: {members?: [{email, status?, …}], subscribed?, unsubscribed?, cleaned?}',
    handle: addMembers,
  },
  {
    method: 'POST',
    path: '/lists/{list_id}/burst',
    about: 'Many events at once: {count, action?: unsubscribe|bounce|complain|archive, source?, campaignId?}',
    handle: burst,
  },
  ...ACTIONS.map((action): ControlRoute => ({
    method: 'POST',
    path: `/members/{list_id}/{email}/${action}`,
    about: `One member: ${action} {source?, campaignId?, reason?${action === 'bounce' ? ', kind?: hard|soft' : ''}${action === 'change-email' ? ', newEmail' : ''}}`,
    handle: (call) => act(call, action),
  })),
];

function addMembers(call: ControlCall): ReturnType<ControlRoute['handle']> {
  const { sim } = call.world;
  const list = listById(call, call.params['list_id']);
  const input = readBody(membersInput, call.body);
  for (const given of input.members) put(sim, list, given);
  for (const status of ['subscribed', 'unsubscribed', 'cleaned'] as const) {
    for (let made = 0; made < input[status]; made += 1)
      put(sim, list, { email: `reader-${list.nextSeq}-${list.id}@readers.test`, status });
  }
  delete list.statsCache;
  sim.changed();
  return ok(brief(list));
}

function put(sim: Simulation, list: Audience, given: z.infer<typeof one>): Member {
  const known = bookOf(list).find(memberId(given.email));
  const member: Member = {
    ...withDetails(known ?? draftMember(sim, list, given.email, given.status), given),
    status: given.status,
    complianceHold: given.status === 'unsubscribed' || given.status === 'cleaned',
    lastChanged: Math.floor((given.lastChanged ?? sim.now()) / 1000) * 1000,
  };
  addTags(sim, list, member.tags);
  bookOf(list).save(member);
  return member;
}

function burst(call: ControlCall): ReturnType<ControlRoute['handle']> {
  const list = listById(call, call.params['list_id']);
  const { count, action, ...cause } = readBody(burstInput, call.body);
  checkCampaign(call, list, cause.campaignId);
  const { rows } = bookOf(list).select({ status: 'subscribed' }, 0, count);
  for (const member of rows) perform(call.world.sim, list, member, action, causeOf(cause), { kind: 'hard' });
  return ok({ done: rows.length, emails: rows.slice(0, 1_000).map((member) => member.email) });
}

function act(call: ControlCall, action: Action): ReturnType<ControlRoute['handle']> {
  const list = listById(call, call.params['list_id']);
  const member = bookOf(list).find(call.params['email'] ?? '');
  if (member === undefined) throw new ApiProblem(404, 'Unknown', 'There is no such member.');
  const { kind, newEmail, ...cause } = readBody(causeInput, call.body);
  checkCampaign(call, list, cause.campaignId);
  const now = perform(call.world.sim, list, member, action, causeOf(cause), { kind, newEmail });
  return ok(
    now === undefined
      ? { forgotten: member.id }
      : { id: now.id, email: now.email, status: now.status, lastChanged: now.lastChanged },
  );
}

/** @throws ApiProblem 404 for a campaign that the list's account does not have: nothing would be counted, and nobody would know */
function checkCampaign(call: ControlCall, list: Audience, campaignId: string | undefined): void {
  if (campaignId === undefined) return;
  if (campaignById(call, campaignId).accountId !== list.accountId)
    throw new ApiProblem(404, 'Unknown', 'The campaign belongs to another account.');
}

const causeOf = (given: { source: Cause['source']; campaignId?: string | undefined; reason?: string | undefined }): Cause => ({
  source: given.source,
  ...(given.campaignId === undefined ? {} : { campaignId: given.campaignId }),
  ...(given.reason === undefined ? {} : { reason: given.reason }),
});

function perform(
  sim: Simulation,
  list: Audience,
  member: Member,
  action: Action,
  cause: Cause,
  how: { readonly kind: 'hard' | 'soft'; readonly newEmail?: string | undefined },
): Member | undefined {
  switch (action) {
    case 'unsubscribe':
      return unsubscribe(sim, list, member, cause);
    case 'resubscribe':
      return subscribe(sim, list, member, cause);
    case 'bounce':
      return bounce(sim, list, member, how.kind, cause.campaignId);
    case 'complain':
      return complain(sim, list, member, cause.campaignId);
    case 'archive':
      return archive(sim, list, member, cause.source);
    case 'change-email':
      if (how.newEmail === undefined) throw new ApiProblem(400, 'Incomplete', 'newEmail is missing.');
      if (memberId(how.newEmail) !== member.id && bookOf(list).find(memberId(how.newEmail)) !== undefined)
        throw new ApiProblem(409, 'Address Taken', 'Somebody else on the list has that address.');
      return changeEmail(sim, list, member, how.newEmail, cause.source);
    case 'forget':
      forget(sim, list, member, cause.source);
      return undefined;
  }
}
