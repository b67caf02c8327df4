import * as z from 'zod';
import { links, noContent, ok, param, type ApiCall, type Answer, type Route } from './api-call.ts';
import { memberId } from './ids.ts';
import { readBody } from './input.ts';
import { listOf } from './list-view.ts';
import { bookOf } from './member-book.ts';
import { archive, changeEmail, erase, forget, saveMember, subscribe, unsubscribe, updateProfile } from './member-events.ts';
import {
  checkAddress,
  checkConsent,
  draftMember,
  memberDetails,
  type MemberDetails,
  presentMember,
  withDetails,
  changeableStatus,
  writableStatus,
} from './member-input.ts';
import { memberQuery } from './member-query.ts';
import { memberOf, memberView } from './member-view.ts';
import { pageOf } from './paging.ts';
import { ApiProblem, notAllowed } from './problem.ts';
import type { Audience, Member, MemberStatus } from './records.ts';
import type { Simulation } from './state.ts';
import type { Source } from './webhook-events.ts';

const createInput = memberDetails.extend({ email_address: z.string(), status: writableStatus });
const putInput = memberDetails.extend({
  email_address: z.string(),
  status_if_new: writableStatus,
  status: writableStatus.optional(),
});
const patchInput = memberDetails.extend({ email_address: z.string().optional(), status: changeableStatus.optional() });

type MemberChanges = MemberDetails & { readonly email_address?: string | undefined; readonly status?: MemberStatus | undefined };

/** What happened to these cannot be undone by archiving them. */
const UNDELETABLE: readonly MemberStatus[] = ['cleaned', 'pending', 'archived'];

/** https://mailchimp.com/developer/marketing/api/list-members/ */
export const memberRoutes: readonly Route[] = [
  { method: 'GET', path: '/lists/{list_id}/members', handle: index },
  { method: 'POST', path: '/lists/{list_id}/members', handle: create },
  {
    method: 'GET',
    path: '/lists/{list_id}/members/{subscriber_hash}',
    handle: (call) => withMember(call, (list, member) => ok(memberView(call, list, member))),
  },
  { method: 'PUT', path: '/lists/{list_id}/members/{subscriber_hash}', handle: put },
  { method: 'PATCH', path: '/lists/{list_id}/members/{subscriber_hash}', handle: patch },
  {
    method: 'DELETE',
    path: '/lists/{list_id}/members/{subscriber_hash}',
    handle: (call) => withMember(call, (list, member) => remove(call, list, member)),
  },
  {
    method: 'POST',
    path: '/lists/{list_id}/members/{subscriber_hash}/actions/delete-permanent',
    handle: (call) =>
      withMember(call, (list, member) => {
        forget(call.sim, list, member, 'api');
        return noContent;
      }),
  },
];

function withMember(call: ApiCall, use: (list: Audience, member: Member) => Answer): Answer {
  const list = listOf(call, param(call, 'list_id'));
  return use(list, memberOf(call.sim, list, param(call, 'subscriber_hash')));
}

function index(call: ApiCall): Answer {
  const list = listOf(call, param(call, 'list_id'));
  const page = pageOf(call.query);
  const { rows, total } = bookOf(list).select(memberQuery(call, list), page.offset, page.count);
  return ok({
    members: rows.map((member) => memberView(call, list, member)),
    list_id: list.id,
    total_items: total,
    _links: links(call.account, `/lists/${list.id}/members`),
  });
}

function create(call: ApiCall): Answer {
  const list = listOf(call, param(call, 'list_id'));
  const input = readBody(createInput, call.body);
  checkAddress(call.sim, input.email_address);
  const present = presentMember(list, input.email_address);
  if (present !== undefined) {
    if (call.sim.state.settings.postRefusesExisting) throw memberExists(input.email_address);
    return ok(memberView(call, list, change(call, list, present, input)));
  }
  const member = bookOf(list).find(memberId(input.email_address));
  checkConsent(call.sim, list, input.email_address, member, input.status);
  const draft = member ?? draftMember(call.sim, list, input.email_address, input.status);
  return ok(memberView(call, list, applyStatus(call.sim, list, withDetails(draft, input), input.status, 'api')));
}

const memberExists = (email: string): ApiProblem =>
  new ApiProblem(400, 'Member Exists', `${email} is already a list member. Use PUT to insert or update list members.`, {
    untyped: true,
  });

function put(call: ApiCall): Answer {
  const list = listOf(call, param(call, 'list_id'));
  const input = readBody(putInput, call.body);
  checkAddress(call.sim, input.email_address);
  const known = bookOf(list).find(param(call, 'subscriber_hash'));
  if (known !== undefined && known.status !== 'archived') return ok(memberView(call, list, change(call, list, known, input)));
  if (known === undefined && presentMember(list, input.email_address) !== undefined) throw memberExists(input.email_address);
  const status = input.status ?? input.status_if_new;
  // A path with another hash does not make the archived person a stranger: what was known about consent counts.
  const archived = known ?? bookOf(list).find(memberId(input.email_address));
  checkConsent(call.sim, list, input.email_address, archived, status);
  const draft = archived ?? draftMember(call.sim, list, input.email_address, status);
  return ok(memberView(call, list, applyStatus(call.sim, list, withDetails(draft, input), status, 'api')));
}

function patch(call: ApiCall): Answer {
  return withMember(call, (list, member) =>
    ok(memberView(call, list, change(call, list, member, readBody(patchInput, call.body)))),
  );
}

function change(call: ApiCall, list: Audience, member: Member, input: MemberChanges): Member {
  const { sim } = call;
  const status = input.status ?? member.status;
  const email = input.email_address ?? member.email;
  checkAddress(sim, email);
  const moves = memberId(email) !== member.id;
  if (moves && presentMember(list, email) !== undefined) throw memberExists(email);
  if (moves) checkConsent(sim, list, email, bookOf(list).find(memberId(email)), status);
  if (status !== member.status) checkConsent(sim, list, email, member, status);
  const detailed = withDetails(member, input);
  const moved = memberId(email) === member.id ? detailed : changeEmail(sim, list, detailed, email, 'api');
  if (status !== member.status) return applyStatus(sim, list, moved, status, 'api');
  return memberId(email) === member.id ? updateProfile(sim, list, moved, 'api') : moved;
}

/** Brings a member to a status the way an API client or the web application would. Consent is checked before. */
export function applyStatus(sim: Simulation, list: Audience, member: Member, status: MemberStatus, source: Source): Member {
  if (status === 'subscribed') return subscribe(sim, list, member, { source });
  if (status === 'unsubscribed') return unsubscribe(sim, list, member, { source });
  return saveMember(sim, list, { ...member, status, complianceHold: member.complianceHold || status === 'cleaned' });
}

function remove(call: ApiCall, list: Audience, member: Member): Answer {
  const { deleteArchives, refuseSomeDeletes } = call.sim.state.settings;
  if (refuseSomeDeletes && UNDELETABLE.includes(member.status)) {
    throw notAllowed('This list member cannot be removed. Please contact support.', 'GET, PUT, PATCH');
  }
  if (deleteArchives) archive(call.sim, list, member, 'api');
  else erase(call.sim, list, member, 'api');
  return noContent;
}
