import { links, type ApiCall } from './api-call.ts';
import { isoSeconds } from './dates.ts';
import { idAsWritten } from './ids.ts';
import { bookOf } from './member-book.ts';
import { tagsOf } from './tags.ts';
import { notFound } from './problem.ts';
import type { Account, Audience, Member } from './records.ts';
import type { Simulation } from './state.ts';

/**
 * The member a path names by id, address or contact id.
 * @throws ApiProblem 404, also for those permanently deleted
 */
export function memberOf(sim: Simulation, list: Audience, reference: string): Member {
  const asWritten = (): Member | undefined =>
    sim.state.settings.lowerCaseIds ? undefined : Object.values(list.rows).find(({ email }) => idAsWritten(email) === reference);
  const member = bookOf(list).find(reference) ?? asWritten();
  if (member === undefined) throw notFound();
  return member;
}

/** A member as the API shows it; empty strings stand for missing values. */
export function memberView({ account }: Pick<ApiCall, 'account'>, list: Audience, member: Member): object {
  const first = String(member.mergeFields['FNAME'] ?? '');
  const last = String(member.mergeFields['LNAME'] ?? '');
  return {
    id: member.id,
    email_address: member.email,
    unique_email_id: member.uniqueEmailId,
    contact_id: member.contactId,
    full_name: `${first} ${last}`.trim(),
    web_id: member.webId,
    email_type: member.emailType,
    status: member.status,
    ...(member.status === 'unsubscribed' ? { unsubscribe_reason: member.unsubscribeReason ?? '' } : {}),
    consents_to_one_to_one_messaging: true,
    sms_phone_number: '',
    sms_subscription_status: '',
    sms_subscription_last_updated: '',
    merge_fields: member.mergeFields,
    interests: interestsOf(list, member),
    stats: { avg_open_rate: 0, avg_click_rate: 0 },
    ip_signup: member.ipSignup,
    timestamp_signup: isoSeconds(member.timestampSignup),
    ip_opt: member.ipOpt,
    timestamp_opt: isoSeconds(member.timestampOpt),
    member_rating: 2,
    last_changed: isoSeconds(member.lastChanged),
    language: member.language,
    vip: member.vip,
    email_client: '',
    location: { latitude: 0, longitude: 0, gmtoff: 0, dstoff: 0, country_code: '', timezone: '', region: '' },
    marketing_permissions: [],
    source: 'API - Generic',
    tags_count: member.tags.length,
    tags: tagsOf(list, member).map(({ id, name }) => ({ id, name })),
    list_id: list.id,
    _links: memberLinks(account, list, member),
  };
}

/** Every interest of the list, and whether the member has it. */
const interestsOf = (list: Audience, member: Member): Record<string, boolean> =>
  Object.fromEntries(
    list.interestCategories.flatMap(({ interests }) => interests).map(({ id }) => [id, member.interests[id] ?? false]),
  );

const memberLinks = (account: Account, list: Audience, member: Member): object[] =>
  links(account, `/lists/${list.id}/members/${member.id}`);
