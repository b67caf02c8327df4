import { newNumber, memberId, uniqueEmailId } from './ids.ts';
import { bookOf } from './member-book.ts';
import type { Audience, Member } from './records.ts';
import { entry, type Simulation } from './state.ts';
import { addTags } from './tags.ts';
import { emit, hookMemberId, memberData, type Source } from './webhook-events.ts';

/** Who caused an event, and with which mailing. */
export interface Cause {
  readonly source: Source;
  readonly campaignId?: string;
  readonly reason?: string;
}

/** Stores a changed member with the time of the change. */
export function saveMember(sim: Simulation, list: Audience, member: Member): Member {
  const saved = { ...member, lastChanged: Math.floor(sim.now() / 1000) * 1000 };
  addTags(sim, list, saved.tags);
  bookOf(list).save(saved);
  sim.changed();
  return saved;
}

/** Makes somebody subscribed. Whether that is allowed is decided by the caller. */
export function subscribe(sim: Simulation, list: Audience, member: Member, cause: Cause): Member {
  const { unsubscribeReason: _, ...rest } = member;
  const saved = saveMember(sim, list, { ...rest, status: 'subscribed', complianceHold: false, timestampOpt: sim.now() });
  list.lastSubAt = sim.now();
  list.sinceSend.members += 1;
  // Who was forgotten and signs up again is a stranger no longer.
  if (cause.source === 'user') list.forgotten = list.forgotten.filter((id) => id !== saved.id);
  emit(sim, list, cause.source, 'subscribe', { ...memberData(sim, list, saved), ip_signup: saved.ipSignup });
  return saved;
}

/** An opt-out, whoever made it; counted in the report of the campaign it came from. */
export function unsubscribe(sim: Simulation, list: Audience, member: Member, cause: Cause): Member {
  return optOut(sim, list, member, cause, 'manual');
}

function optOut(sim: Simulation, list: Audience, member: Member, cause: Cause, webhookReason: string): Member {
  const reason = cause.reason ?? (cause.source === 'user' ? 'None given' : 'N/A (Unsubscribed by admin)');
  const saved = saveMember(sim, list, { ...member, status: 'unsubscribed', complianceHold: true, unsubscribeReason: reason });
  list.lastUnsubAt = sim.now();
  list.sinceSend.unsubscribes += 1;
  const left = entry(sim.state.campaigns, cause.campaignId ?? '')?.unsubscribes;
  // Somebody leaves a mailing once, however often it is said.
  if (left?.some(({ emailId }) => emailId === saved.id) === false)
    left.push({ emailId: saved.id, email: saved.email, at: sim.now(), reason });
  emit(sim, list, cause.source, 'unsubscribe', {
    action: 'unsub',
    reason: webhookReason,
    ...memberData(sim, list, saved),
    campaign_id: cause.campaignId ?? '',
  });
  return saved;
}

/** A hard bounce, or a soft one, which changes nothing but the report. */
export function bounce(sim: Simulation, list: Audience, member: Member, kind: 'hard' | 'soft', campaignId?: string): Member {
  const campaign = entry(sim.state.campaigns, campaignId ?? '');
  if (campaign !== undefined) campaign[kind === 'hard' ? 'hardBounces' : 'softBounces'] += 1;
  sim.changed();
  if (kind === 'soft') return member;
  return clean(sim, list, member, 'hard', campaignId);
}

function clean(sim: Simulation, list: Audience, member: Member, reason: 'hard' | 'abuse', campaignId?: string): Member {
  const saved = saveMember(sim, list, { ...member, status: 'cleaned', complianceHold: true });
  list.sinceSend.cleaned += 1;
  emit(sim, list, 'admin', 'cleaned', {
    list_id: list.id,
    campaign_id: campaignId ?? '',
    reason,
    email: saved.email,
    ...(sim.state.settings.bareCleaned ? {} : memberData(sim, list, saved)),
  });
  return saved;
}

/** A spam complaint: kept as an abuse report and as an opt-out. */
export function complain(sim: Simulation, list: Audience, member: Member, campaignId = ''): Member {
  const isSame = (known: { campaignId: string; emailId: string }): boolean =>
    known.emailId === member.id && known.campaignId === campaignId;
  if (!list.abuseReports.some(isSame)) {
    const report = { id: newNumber(sim.state), campaignId, emailId: member.id, email: member.email, at: sim.now() };
    list.abuseReports.push(report);
    entry(sim.state.campaigns, campaignId)?.complaints.push({ ...report });
  }
  if (sim.state.settings.complaintEvent === 'cleaned') return clean(sim, list, member, 'abuse', campaignId);
  const cause: Cause = { source: 'user', reason: 'Reported as spam', ...(campaignId === '' ? {} : { campaignId }) };
  return optOut(sim, list, member, cause, 'abuse');
}

/** Gives a member another address. It stays the same row with another id. */
export function changeEmail(sim: Simulation, list: Audience, member: Member, email: string, source: Source): Member {
  const { bareUpemail, profileWithUpemail } = sim.state.settings;
  const book = bookOf(list);
  const moved = { ...member, id: memberId(email), seq: member.seq, email, uniqueEmailId: uniqueEmailId(list.accountId, email) };
  if (moved.id !== member.id) book.remove(member);
  const saved = saveMember(sim, list, moved);
  emit(sim, list, source, 'upemail', {
    list_id: list.id,
    new_id: hookMemberId(sim, saved),
    new_email: email,
    old_email: member.email,
    ...(bareUpemail ? {} : { id: hookMemberId(sim, saved), email }),
  });
  if (profileWithUpemail) emit(sim, list, source, 'profile', memberData(sim, list, saved));
  return saved;
}

export function updateProfile(sim: Simulation, list: Audience, member: Member, source: Source): Member {
  const saved = saveMember(sim, list, member);
  emit(sim, list, source, 'profile', memberData(sim, list, saved));
  return saved;
}

/** Removes a member from view; what was known about consent stays with the row. */
export function archive(sim: Simulation, list: Audience, member: Member, source: Source): Member {
  const saved = saveMember(sim, list, { ...member, status: 'archived' });
  emitRemoval(sim, list, saved, source, sim.state.settings.archiveAction);
  return saved;
}

/** Removes a member for good, and without a trace. */
export function erase(sim: Simulation, list: Audience, member: Member, source: Source): void {
  bookOf(list).remove(member);
  emitRemoval(sim, list, member, source);
  sim.changed();
}

function emitRemoval(sim: Simulation, list: Audience, member: Member, source: Source, action = 'delete'): void {
  emit(sim, list, source, 'unsubscribe', { action, reason: 'manual', ...memberData(sim, list, member), campaign_id: '' });
}

/** Permanent deletion: the person is erased, and only the hash of the address remains to refuse a new import. */
export function forget(sim: Simulation, list: Audience, member: Member, source: Source): void {
  bookOf(list).remove(member);
  if (!list.forgotten.includes(member.id)) list.forgotten.push(member.id);
  for (const campaign of Object.values(sim.state.campaigns)) {
    for (const left of [...campaign.unsubscribes, ...campaign.complaints])
      if (left.emailId === member.id) left.email = anonymous(member);
  }
  for (const report of list.abuseReports) if (report.emailId === member.id) report.email = anonymous(member);
  const erased = { ...member, email: anonymous(member), mergeFields: {} };
  emitRemoval(sim, list, sim.state.settings.maskForgotten ? erased : member, source);
  sim.changed();
}

const anonymous = (member: Member): string => `${member.id.slice(0, 12)}@forgotten.mailchimp.com`;
