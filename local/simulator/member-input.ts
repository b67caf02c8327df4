import * as z from 'zod';
import { memberId, newNumber, uniqueEmailId } from './ids.ts';
import { bookOf } from './member-book.ts';
import { ApiProblem, invalidResource } from './problem.ts';
import type { Audience, Member, MemberStatus } from './records.ts';
import type { Simulation } from './state.ts';

export const writableStatus = z.enum(['subscribed', 'unsubscribed', 'cleaned', 'pending', 'transactional'], {
  error: 'Value must be one of: subscribed, unsubscribed, cleaned, pending, transactional',
});

/** What a change may set it to: nobody becomes transactional later. */
export const changeableStatus = z.enum(['subscribed', 'unsubscribed', 'cleaned', 'pending'], {
  error: 'Value must be one of: subscribed, unsubscribed, cleaned, pending',
});

/** What a client may write of a member, status and address apart. */
export const memberDetails = z.object({
  email_type: z.enum(['html', 'text', '']).optional(),
  merge_fields: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  language: z.string().optional(),
  vip: z.boolean().optional(),
  ip_signup: z.string().optional(),
  ip_opt: z.string().optional(),
  timestamp_signup: z.string().optional(),
  timestamp_opt: z.string().optional(),
  tags: z.array(z.union([z.string(), z.object({ name: z.string() })])).optional(),
  interests: z.record(z.string(), z.boolean()).optional(),
});
export type MemberDetails = z.infer<typeof memberDetails>;

/**
 * Refuses what is no address, and the domains the vendor calls fake.
 * @throws ApiProblem 400 `Invalid Resource`
 */
export function checkAddress(sim: Simulation, email: string): void {
  if (!/^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(email)) throw invalidResource([], 'Please provide a valid email address.');
  if (sim.state.settings.refuseExampleDomains && /@(?:[^@]+\.)?example\.(?:com|net|org)$/i.test(email)) {
    throw invalidResource([], `${email} looks fake or invalid, please enter a real email address.`);
  }
}

/**
 * Refuses to bring somebody back who left: only the person may do that.
 * @throws ApiProblem 400 `Member In Compliance State` or `Forgotten Email Not Subscribed`
 */
export function checkConsent(
  sim: Simulation,
  list: Audience,
  email: string,
  member: Member | undefined,
  status: MemberStatus,
): void {
  const { enforceCompliance, pendingPassesCompliance, rememberForgotten } = sim.state.settings;
  const isForgotten = rememberForgotten && list.forgotten.includes(memberId(email));
  if (isForgotten && (status === 'subscribed' || status === 'pending')) {
    throw new ApiProblem(
      400,
      'Forgotten Email Not Subscribed',
      `${email} was permanently deleted and cannot be re-imported. The contact must re-subscribe to get back on the list.`,
      { untyped: true },
    );
  }
  const isBarred = status === 'subscribed' || (status === 'pending' && !pendingPassesCompliance);
  if (enforceCompliance && isBarred && member?.complianceHold === true) {
    throw new ApiProblem(
      400,
      'Member In Compliance State',
      `${email} is in a compliance state due to unsubscribe, bounce, or compliance review and cannot be subscribed.`,
      { untyped: true },
    );
  }
}

/** A member nobody has stored yet. */
export function draftMember(sim: Simulation, list: Audience, email: string, status: MemberStatus): Member {
  const id = memberId(email);
  const population = list.generated;
  const first = population === undefined ? 0 : population.subscribed + population.unsubscribed + population.cleaned;
  list.nextSeq = Math.max(list.nextSeq, first) + 1;
  return {
    id,
    seq: list.nextSeq - 1,
    email,
    uniqueEmailId: uniqueEmailId(list.accountId, email),
    contactId: id.split('').reverse().join(''),
    webId: newNumber(sim.state),
    status,
    complianceHold: false,
    mergeFields: { FNAME: '', LNAME: '' },
    emailType: 'html',
    ipSignup: '',
    ipOpt: '198.51.100.7',
    timestampOpt: sim.now(),
    lastChanged: sim.now(),
    language: 'en',
    vip: false,
    tags: [],
    interests: {},
  };
}

/** A member with what a client wrote about it. */
export function withDetails(member: Member, details: MemberDetails): Member {
  const time = (text: string | undefined, old: number | undefined): { at?: number } => {
    const at = text === undefined || text === '' ? old : Date.parse(text);
    return at === undefined || Number.isNaN(at) ? {} : { at };
  };
  const signup = time(details.timestamp_signup, member.timestampSignup).at;
  const opt = time(details.timestamp_opt, member.timestampOpt).at;
  const tags = details.tags?.map((tag) => (typeof tag === 'string' ? tag : tag.name)) ?? [];
  return {
    ...member,
    emailType: details.email_type || member.emailType,
    mergeFields: { ...member.mergeFields, ...details.merge_fields },
    language: details.language ?? member.language,
    vip: details.vip ?? member.vip,
    ipSignup: details.ip_signup ?? member.ipSignup,
    ipOpt: details.ip_opt ?? member.ipOpt,
    ...(signup === undefined ? {} : { timestampSignup: signup }),
    ...(opt === undefined ? {} : { timestampOpt: opt }),
    tags: [...new Set([...member.tags, ...tags])],
    interests: { ...member.interests, ...details.interests },
  };
}

/** Whether an address is on the list and in view: an archived one may be added again. */
export function presentMember(list: Audience, email: string): Member | undefined {
  const member = bookOf(list).find(memberId(email));
  return member?.status === 'archived' ? undefined : member;
}
