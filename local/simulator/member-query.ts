import type { ApiCall } from './api-call.ts';
import { parseDate, toSecond } from './dates.ts';
import { descending, queryChoice, queryFlag } from './input.ts';
import { byLastChanged, type MemberQuery } from './member-book.ts';
import { invalidResource } from './problem.ts';
import { memberStatus, type Audience, type Member } from './records.ts';

const byTimestampOpt = (member: Member): number => member.timestampOpt ?? 0;
const byTimestampSignup = (member: Member): number => member.timestampSignup ?? 0;

/** Reads the filters of `GET /lists/{list_id}/members`. Bounds are strict and compare whole seconds. */
export function memberQuery({ query, sim }: ApiCall, list: Audience): MemberQuery {
  const { hideArchived, sinceNeedsStatus } = sim.state.settings;
  const given = queryChoice(query, 'status', memberStatus.options);
  const second = (name: string): number | undefined => {
    const text = query.get(name);
    return text === null || text === '' ? undefined : toSecond(parseDate(text, name));
  };
  const unsubscribedSince = second('unsubscribed_since');
  const status = unsubscribedSince === undefined || sinceNeedsStatus ? given : 'unsubscribed';
  if (unsubscribedSince !== undefined && status !== 'unsubscribed') {
    throw invalidResource([{ field: 'unsubscribed_since', message: 'Only valid together with status=unsubscribed.' }]);
  }
  const sinceCampaign = queryFlag(query, 'since_last_campaign') ? toSecond(list.lastCampaignAt ?? 0) : undefined;
  if (sinceCampaign !== undefined && status === undefined) {
    throw invalidResource([{ field: 'since_last_campaign', message: 'A status is required.' }]);
  }
  const after = [second('since_last_changed'), unsubscribedSince, sinceCampaign].filter((bound) => bound !== undefined);
  const before = second('before_last_changed');
  const also = predicate(query, second);
  const sort = queryChoice(query, 'sort_field', ['timestamp_opt', 'timestamp_signup', 'last_changed']);
  const sortBy = sort === 'last_changed' ? byLastChanged : sort === 'timestamp_opt' ? byTimestampOpt : byTimestampSignup;
  return {
    ...(status === undefined ? { includeArchived: !hideArchived } : { status }),
    ...(after.length === 0 ? {} : { changedAfter: Math.max(...after) }),
    ...(before === undefined ? {} : { changedBefore: before }),
    ...(also === undefined ? {} : { also }),
    ...(sort === undefined ? {} : { sortBy }),
    descending: sort !== undefined && descending(query, 'ASC'),
  };
}

/** The filters that need the whole member; absent when none is asked for, so that large lists stay quick. */
function predicate(query: URLSearchParams, second: (name: string) => number | undefined): MemberQuery['also'] {
  const tests: ((member: Member) => boolean)[] = [];
  const optAfter = second('since_timestamp_opt');
  const optBefore = second('before_timestamp_opt');
  if (optAfter !== undefined) tests.push((member) => toSecond(member.timestampOpt ?? 0) > optAfter);
  if (optBefore !== undefined) tests.push((member) => toSecond(member.timestampOpt ?? 0) < optBefore);
  const uniqueId = query.get('unique_email_id');
  if (uniqueId !== null) tests.push((member) => member.uniqueEmailId === uniqueId);
  const emailType = query.get('email_type');
  if (emailType !== null) tests.push((member) => member.emailType === emailType);
  if (queryFlag(query, 'vip_only')) tests.push((member) => member.vip);
  const interested = interestFilter(query);
  if (interested !== undefined) tests.push(interested);
  return tests.length === 0 ? undefined : (member) => tests.every((test) => test(member));
}

function interestFilter(query: URLSearchParams): MemberQuery['also'] {
  const match = queryChoice(query, 'interest_match', ['any', 'all', 'none']);
  const ids = (query.get('interest_ids') ?? '').split(',').filter(Boolean);
  if (ids.length === 0 && match === undefined && !query.has('interest_category_id')) return undefined;
  if (ids.length === 0 || match === undefined || !query.has('interest_category_id')) {
    const message = 'interest_category_id, interest_ids and interest_match are only valid together.';
    throw invalidResource([{ field: 'interest_ids', message }]);
  }
  const has =
    (member: Member) =>
    (id: string): boolean =>
      member.interests[id] === true;
  if (match === 'all') return (member) => ids.every(has(member));
  return (member) => ids.some(has(member)) === (match === 'any');
}
