import * as z from 'zod';
import { links, noContent, ok, param, type ApiCall, type Answer, type Route } from './api-call.ts';
import { isoSeconds, parseDate, toSecond } from './dates.ts';
import { queryChoice, queryFlag, readBody } from './input.ts';
import { listOf } from './list-view.ts';
import { bookOf } from './member-book.ts';
import { saveMember } from './member-events.ts';
import { memberOf, memberView } from './member-view.ts';
import { pageOf, slice } from './paging.ts';
import { notFound } from './problem.ts';
import type { Audience, Member, MemberStatus, Segment } from './records.ts';
import { checkSegment, livingSegment } from './segment-conditions.ts';
import { segmentOptions } from './segment-options.ts';
import { addSegment, addTags, tagsOf, tagsOfList } from './tags.ts';

const emails = z.array(z.string());
const segmentInput = z.object({
  name: z.string().min(1),
  static_segment: emails.optional(),
  // One saved segment cannot be made of another.
  options: segmentOptions.omit({ saved_segment_id: true }).optional(),
});
const batchInput = z.object({ members_to_add: emails.default([]), members_to_remove: emails.default([]) });
const tagsInput = z.object({ tags: z.array(z.object({ name: z.string(), status: z.enum(['active', 'inactive']) })) });

const SEGMENTS = '/lists/{list_id}/segments';
const SEGMENT = `${SEGMENTS}/{segment_id}`;
const TAGS = '/lists/{list_id}/members/{subscriber_hash}/tags';

/** https://mailchimp.com/developer/marketing/api/list-segments/ : tags are static segments. */
export const segmentRoutes: readonly Route[] = [
  { method: 'GET', path: SEGMENTS, handle: index },
  { method: 'POST', path: SEGMENTS, handle: create },
  { method: 'GET', path: SEGMENT, handle: (call) => ok(view(call, ...segmentNamed(call))) },
  { method: 'PATCH', path: SEGMENT, handle: update },
  { method: 'DELETE', path: SEGMENT, handle: remove },
  { method: 'POST', path: SEGMENT, handle: batch },
  { method: 'GET', path: `${SEGMENT}/members`, handle: membersOf },
  { method: 'GET', path: TAGS, handle: tags },
  { method: 'POST', path: TAGS, handle: setTags },
  { method: 'GET', path: '/lists/{list_id}/tag-search', handle: searchTags },
];

function segmentNamed(call: ApiCall): [Audience, Segment] {
  const list = listOf(call, param(call, 'list_id'));
  const segment = list.segments.find(({ id }) => String(id) === param(call, 'segment_id'));
  if (segment === undefined) throw notFound();
  return [list, segment];
}

function index(call: ApiCall): Answer {
  const { query, account } = call;
  const list = listOf(call, param(call, 'list_id'));
  const type = queryChoice(query, 'type', ['static', 'saved', 'fuzzy']);
  const since = query.get('since_updated_at');
  const after = since === null ? -Infinity : toSecond(parseDate(since, 'since_updated_at'));
  const found = list.segments.filter(
    (segment) => (type === undefined || typeOf(segment) === type) && toSecond(segment.updatedAt) > after,
  );
  return ok({
    segments: slice(found, pageOf(query)).map((segment) => view(call, list, segment)),
    list_id: list.id,
    total_items: found.length,
    _links: links(account, `/lists/${list.id}/segments`),
  });
}

function create(call: ApiCall): Answer {
  const list = listOf(call, param(call, 'list_id'));
  const { name, options, static_segment: given } = readBody(segmentInput, call.body);
  checkSegment(list, options, 'options');
  const segment = addSegment(call.sim, list, { name, ...(options === undefined ? {} : { options }) });
  if (options === undefined) for (const email of given ?? []) tag(call, list, email, name, true);
  return ok(view(call, list, segment));
}

function update(call: ApiCall): Answer {
  const [list, segment] = segmentNamed(call);
  const input = readBody(segmentInput.partial(), call.body);
  checkSegment(list, input.options, 'options');
  if (input.name !== undefined && segment.options === undefined) rename(call, list, segment, input.name);
  segment.name = input.name ?? segment.name;
  if (input.static_segment !== undefined && segment.options === undefined)
    replaceMembers(call, list, segment, input.static_segment);
  if (segment.options !== undefined && input.options !== undefined) segment.options = input.options;
  segment.updatedAt = call.sim.now();
  call.sim.changed();
  return ok(view(call, list, segment));
}

/** Who is not named any more loses the tag. */
function replaceMembers(call: ApiCall, list: Audience, segment: Segment, emails: readonly string[]): void {
  const wanted = new Set(emails.map((email) => bookOf(list).find(email)?.id));
  for (const member of taggedWith(list, segment)) if (!wanted.has(member.id)) untag(call, list, member, segment.name);
  for (const email of emails) tag(call, list, email, segment.name, true);
}

/** Members keep their tags by name. */
function rename({ sim }: ApiCall, list: Audience, segment: Segment, name: string): void {
  for (const member of taggedWith(list, segment)) {
    bookOf(list).save({ ...member, tags: member.tags.map((known) => (known === segment.name ? name : known)) });
  }
  sim.changed();
}

function remove(call: ApiCall): Answer {
  const [list, segment] = segmentNamed(call);
  if (segment.options === undefined) for (const member of taggedWith(list, segment)) untag(call, list, member, segment.name);
  list.segments = list.segments.filter((known) => known !== segment);
  call.sim.changed();
  return noContent;
}

/** Adds and removes many; who is not on the list is told in `errors`. */
function batch(call: ApiCall): Answer {
  const [list, segment] = segmentNamed(call);
  const input = readBody(batchInput, call.body);
  const added = input.members_to_add.map((email) => tag(call, list, email, segment.name, true));
  const removed = input.members_to_remove.map((email) => tag(call, list, email, segment.name, false));
  const known = (member: Member | undefined): member is Member => member !== undefined;
  const strangers = [...input.members_to_add, ...input.members_to_remove].filter(
    (email) => bookOf(list).find(email) === undefined,
  );
  return ok({
    members_added: added.filter(known).map((member) => memberView(call, list, member)),
    members_removed: removed.filter(known).map((member) => memberView(call, list, member)),
    errors: strangers.length === 0 ? [] : [{ email_addresses: strangers, error: 'Email addresses do not exist on the list' }],
    total_added: added.filter(known).length,
    total_removed: removed.filter(known).length,
    error_count: strangers.length,
    _links: links(call.account, `/lists/${list.id}/segments/${segment.id}`),
  });
}

function tag(call: ApiCall, list: Audience, email: string, name: string, wanted: boolean): Member | undefined {
  const member = bookOf(list).find(email);
  if (member === undefined) return undefined;
  if (!wanted) return untag(call, list, member, name);
  addTags(call.sim, list, [name]);
  return saveMember(call.sim, list, { ...member, tags: [...new Set([...member.tags, name])] });
}

const untag = ({ sim }: ApiCall, list: Audience, member: Member, name: string): Member =>
  saveMember(sim, list, { ...member, tags: member.tags.filter((known) => known !== name) });

/** Nobody has a tag without being stored. */
const taggedWith = (list: Audience, { name }: Segment): Member[] =>
  Object.values(list.rows).filter((member) => member.tags.includes(name));

/** Whom a segment shows: subscribed people, and others only when asked for. */
function shown({ query }: ApiCall): MemberStatus[] {
  const others = ['unsubscribed', 'cleaned', 'transactional'] as const;
  return ['subscribed', ...others.filter((status) => queryFlag(query, `include_${status}`))];
}

function membersOf(call: ApiCall): Answer {
  const [list, segment] = segmentNamed(call);
  const { offset, count } = pageOf(call.query);
  const also = livingSegment(list, { saved_segment_id: segment.id });
  const statuses = shown(call);
  const { rows, total } = bookOf(list).select(
    { also: (member) => statuses.includes(member.status) && also(member) },
    offset,
    count,
  );
  return ok({
    members: rows.map((member) => memberView(call, list, member)),
    total_items: total,
    _links: links(call.account, `/lists/${list.id}/segments/${segment.id}/members`),
  });
}

function view(call: ApiCall, list: Audience, segment: Segment): object {
  const also = livingSegment(list, { saved_segment_id: segment.id });
  const statuses = shown(call);
  const matching = (member: Member): boolean => statuses.includes(member.status) && also(member);
  return {
    id: segment.id,
    name: segment.name,
    member_count:
      segment.options === undefined
        ? taggedWith(list, segment).filter(matching).length
        : bookOf(list).select({ also: matching }, 0, 0).total,
    type: typeOf(segment),
    created_at: isoSeconds(segment.createdAt),
    updated_at: isoSeconds(segment.updatedAt),
    options: segment.options ?? { match: 'any', conditions: [] },
    list_id: list.id,
    _links: links(call.account, `/lists/${list.id}/segments/${segment.id}`),
  };
}

const typeOf = ({ options }: Segment): 'static' | 'saved' => (options === undefined ? 'static' : 'saved');

function tags(call: ApiCall): Answer {
  const list = listOf(call, param(call, 'list_id'));
  const found = tagsOf(list, memberOf(call.sim, list, param(call, 'subscriber_hash')));
  return ok({
    tags: slice(found, pageOf(call.query)).map(({ id, name, createdAt }) => ({ id, name, date_added: isoSeconds(createdAt) })),
    total_items: found.length,
    _links: links(call.account, `/lists/${list.id}/members/${param(call, 'subscriber_hash')}/tags`),
  });
}

function setTags(call: ApiCall): Answer {
  const list = listOf(call, param(call, 'list_id'));
  const { email } = memberOf(call.sim, list, param(call, 'subscriber_hash'));
  for (const { name, status } of readBody(tagsInput, call.body).tags) tag(call, list, email, name, status === 'active');
  return noContent;
}

function searchTags(call: ApiCall): Answer {
  const list = listOf(call, param(call, 'list_id'));
  const wanted = (call.query.get('name') ?? '').toLowerCase();
  const found = tagsOfList(list).filter(({ name }) => name.toLowerCase().startsWith(wanted));
  return ok({
    tags: found.map(({ id, name }) => ({ id, name })),
    total_items: found.length,
    _links: links(call.account, `/lists/${list.id}/tag-search`),
  });
}
