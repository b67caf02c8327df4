import type { Checklist, EmailPlatform } from '../email-platform/email-platform.ts';
import { freeMailDomains } from '../settings/free-mail.ts';
import { assessSender } from '../settings/sender-standing.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { MINUTE, SECOND, type Clock } from '../shared/clock.ts';
import type { ResolveHost } from '../shared/public-host.ts';
import { runAll } from '../shared/run-all.ts';
import { findExposed } from '../suppression/find-exposed.ts';
import type { SuppressionDeps } from '../suppression/suppress.ts';
import type { Campaign, CampaignStore, ContentStore } from './campaign.ts';
import { checkContent } from './check-content.ts';
import { found, foundError, warning, type Finding, type Found } from './finding.ts';
import { findIdentical, type SentContentStore } from './sent-content.ts';

export interface PreflightDeps extends SuppressionDeps {
  clock: Clock;
  campaigns: CampaignStore;
  contents: ContentStore;
  sentContents: SentContentStore;
  resolveHost: ResolveHost;
  sleep: (ms: number) => Promise<void>;
}

/** How long a send may read subscribers; the rest of its time belongs to the send. */
const SEND_CHECKS_MS = 8 * SECOND;
/** What the answer to the last call may take beyond the time for beginning one. */
const LAST_CALL_MS = SECOND;

/**
 * Everything that would stop a send, and everything worth a second look. Five vendor calls, one more per 1,000
 * subscribers, and up to two for a draft of the last two minutes whose checklist is not green.
 * @param until when the last call has to end, ms since the epoch: an audience too large for it is checked in part
 * @throws AppError when the vendor does not answer: that says nothing about the campaign
 */
export async function preflight(
  deps: PreflightDeps,
  platform: EmailPlatform,
  campaign: Campaign,
  until: number,
): Promise<{ ready: boolean; findings: Finding[] }> {
  const { findings } = await check(deps, platform, campaign, until);
  return { ready: findings.every(({ level }) => level !== 'error'), findings };
}

/**
 * The same checks before a send, within eight seconds: the first error stops it.
 * @returns what is only warned of
 * @throws AppError of the first error, and when the vendor does not answer
 */
export async function assertReady(
  deps: PreflightDeps,
  platform: EmailPlatform,
  campaign: Campaign,
  until: number,
): Promise<Campaign['warnings']> {
  const soon = Math.min(until, deps.clock.now() + SEND_CHECKS_MS);
  const { findings, error } = await check(deps, platform, campaign, soon);
  if (error) throw error;
  return findings.flatMap(({ level, code, message }) => (level === 'warning' ? [{ code, message }] : []));
}

async function check(deps: PreflightDeps, platform: EmailPlatform, campaign: Campaign, until: number): Promise<Found> {
  let checklist: Checklist | undefined;
  /** In the order in which a person would mend them. */
  const checks: readonly [where: string, work: () => Promise<Found>][] = [
    ['audience', () => checkAudience(platform, campaign)],
    ['sender', () => checkSender(platform, campaign)],
    ['audience', () => checkExposed(deps, platform, campaign, until - LAST_CALL_MS)],
    ['html', () => checkHtml(deps, platform, campaign)],
    ['campaign', () => checkIdentical(deps, campaign)],
    [
      'checklist',
      async () => {
        checklist = campaign.vendorId === null ? undefined : await platform.readChecklist(campaign.vendorId);
        return found();
      },
    ],
  ];
  const all = await runAll(checks, checks.length, ([where, work]) => work().catch((error: unknown) => toFound(where, error)));
  const isElseReady = all.every(({ error }) => error === null);
  if (checklist && !checklist.ready && isElseReady) checklist = await lookAgain(deps, platform, campaign, checklist, until);
  if (checklist) all.push(judgeChecklist(checklist));
  return { findings: all.flatMap(({ findings }) => findings), error: all.find(({ error }) => error !== null)?.error ?? null };
}

/** What the campaign can be blamed for; anything else is thrown on. */
function toFound(where: string, error: unknown): Found {
  if (!isAppError(error, 'list_not_found', 'audience_empty', 'sender_unverified', 'suppressed_subscribed')) throw error;
  return foundError(where, error);
}

async function checkAudience(platform: EmailPlatform, campaign: Campaign): Promise<Found> {
  const audience = await platform.readAudience(campaign.audienceVendorId);
  if (audience.subscriberCount === 0) throw new AppError('audience_empty', 'The audience has no subscribed contacts.');
  return found({
    level: 'ok',
    code: 'audience',
    where: 'audience',
    message: `${audience.subscriberCount ?? 'Unknown number of'} recipients.`,
    fix: null,
  });
}

async function checkSender(platform: EmailPlatform, campaign: Campaign): Promise<Found> {
  const email = campaign.sender?.email ?? '';
  const { verified, freeMail, cause, fix } = assessSender(
    email,
    (await platform.readDomains()) ?? 'no_right',
    await freeMailDomains(),
  );
  if (verified === false) {
    throw new AppError('sender_unverified', 'The sender is not verified.', {
      ...(cause !== null && { reason: cause }),
      // There is nothing to verify in the dashboard.
      ...(freeMail && fix !== null && { fix }),
    });
  }
  return cause === null
    ? found({ level: 'ok', code: 'sender', where: 'sender', message: 'The sender address is verified.', fix: null })
    : found({ level: 'warning', code: freeMail ? 'sender_free_mail' : 'sender_unknown', where: 'sender', message: cause, fix });
}

async function checkExposed(deps: PreflightDeps, platform: EmailPlatform, campaign: Campaign, until: number): Promise<Found> {
  const { tenantId, audienceVendorId } = campaign;
  const { exposed, checked, total, complete } = await findExposed(deps, platform, { tenantId, audienceVendorId, until }).catch(
    (error: unknown) => {
      // The check of the audience says so already.
      if (isAppError(error, 'list_not_found')) return { exposed: 0, checked: 0, total: 0, complete: true };
      throw error;
    },
  );
  const numbers = `${checked} of ${total} subscribers were compared with the suppressions`;
  if (exposed > 0) {
    const people = exposed === 1 ? '1 person who must not be mailed is' : `${exposed} people who must not be mailed are`;
    throw new AppError('suppressed_subscribed', 'Suppressed people are subscribed in the audience.', {
      reason: `${people} still subscribed in this audience.${complete ? '' : ` There may be more: ${numbers}.`}`,
      extra: { exposed },
    });
  }
  if (complete) return found();
  return found(
    warning(
      'suppressed_unchecked',
      'audience',
      `${numbers} in the time there was, those who changed last first; none of these must not be mailed.`,
      'Push the suppressions before the send: that compares everybody, and unsubscribes at Mailchimp who must not be mailed.',
    ),
  );
}

/** What will be sent: our own content, or what the vendor made of a template. */
async function checkHtml(deps: PreflightDeps, platform: EmailPlatform, campaign: Campaign): Promise<Found> {
  const { content, vendorId } = campaign;
  let html = '';
  if (content?.kind === 'html') html = await deps.contents.get(campaign.tenantId, campaign.id, content);
  else if (vendorId !== null) html = await platform.readContent(vendorId);
  return html === '' ? found() : found(...(await checkContent(html, platform.markup, deps.resolveHost)));
}

async function checkIdentical(deps: PreflightDeps, campaign: Campaign): Promise<Found> {
  const other = await findIdentical(deps, campaign);
  if (!other) return found();
  return found(
    warning(
      'identical_sent',
      'campaign',
      `The campaign ${other.campaignId} with the same subject and content was sent to this audience at ${other.at}.`,
      'Change the subject or the content, unless these people are to get it twice.',
    ),
  );
}

/** A campaign or an audience that was just made is often still being processed. */
const IS_YOUNG_MS = 2 * MINUTE;
const LOOKS = 3;
const BETWEEN_LOOKS_MS = 1.5 * SECOND;

async function lookAgain(
  deps: PreflightDeps,
  platform: EmailPlatform,
  { vendorId, createdAt }: Campaign,
  seen: Checklist,
  until: number,
): Promise<Checklist> {
  let checklist = seen;
  const isYoung = deps.clock.now() - Date.parse(createdAt) < IS_YOUNG_MS;
  for (let look = 1; vendorId !== null && isYoung && look < LOOKS && !checklist.ready; look++) {
    if (deps.clock.now() + BETWEEN_LOOKS_MS >= until - LAST_CALL_MS) break;
    await deps.sleep(BETWEEN_LOOKS_MS);
    checklist = await platform.readChecklist(vendorId);
  }
  return checklist;
}

/** Every reason is a finding of its own, in the vendor's words; a send is refused with all of them. */
function judgeChecklist({ ready, items }: Checklist): Found {
  const warnings = items
    .filter(({ level }) => level === 'warning')
    .map(({ heading, details }) => warning('checklist', heading, details, null));
  if (ready) return found(...warnings);
  const reasons = items.filter(({ level }) => level === 'error');
  const error = new AppError('campaign_not_ready', 'The vendor checklist is not green.', {
    reason:
      reasons.map(({ heading, details }) => `${heading}: ${details}`).join(' ') || 'The checklist of Mailchimp is not green.',
  });
  const findings = reasons.map(({ heading, details }): Finding => ({
    level: 'error',
    code: error.code,
    where: heading,
    message: details,
    fix: error.fix,
  }));
  return { findings: [...warnings, ...(findings.length > 0 ? findings : foundError('checklist', error).findings)], error };
}
