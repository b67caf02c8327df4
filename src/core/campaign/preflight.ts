import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { freeMailDomains } from '../settings/free-mail.ts';
import { assessSender } from '../settings/sender-standing.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import type { Campaign } from './campaign.ts';

export interface Finding {
  level: 'error' | 'warning' | 'ok';
  code: string;
  where: string;
  message: string;
  fix: string | null;
}

/** Everything that would stop a send, as findings. Three vendor reads. */
export async function preflight(platform: EmailPlatform, campaign: Campaign): Promise<{ ready: boolean; findings: Finding[] }> {
  const findings: Finding[] = [];
  for (const [where, check] of CHECKS) {
    try {
      await check(platform, campaign, findings);
    } catch (error) {
      if (!isAppError(error, 'list_not_found', 'audience_empty', 'sender_unverified', 'campaign_not_ready')) throw error;
      findings.push({
        level: 'error',
        code: error.code,
        where,
        message: error.reason,
        fix: error.fix,
      });
    }
  }
  return { ready: findings.every(({ level }) => level !== 'error'), findings };
}

/** The same checks before a send: the first error stops it. @throws AppError */
export async function assertReady(platform: EmailPlatform, campaign: Campaign): Promise<void> {
  for (const [, check] of CHECKS) await check(platform, campaign, []);
}

async function checkAudience(platform: EmailPlatform, campaign: Campaign, findings: Finding[]): Promise<void> {
  const audience = await platform.readAudience(campaign.audienceVendorId);
  if (audience.subscriberCount === 0) throw new AppError('audience_empty', 'The audience has no subscribed contacts.');
  findings.push({
    level: 'ok',
    code: 'audience',
    where: 'audience',
    message: `${audience.subscriberCount ?? 'Unknown number of'} recipients.`,
    fix: null,
  });
}

async function checkSender(platform: EmailPlatform, campaign: Campaign, findings: Finding[]): Promise<void> {
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
  findings.push(
    cause === null
      ? { level: 'ok', code: 'sender', where: 'sender', message: 'The sender address is verified.', fix: null }
      : { level: 'warning', code: freeMail ? 'sender_free_mail' : 'sender_unknown', where: 'sender', message: cause, fix },
  );
}

async function checkList(platform: EmailPlatform, campaign: Campaign, findings: Finding[]): Promise<void> {
  if (campaign.vendorId === null) return;
  const { ready, items } = await platform.readChecklist(campaign.vendorId);
  for (const item of items) {
    if (item.level === 'warning')
      findings.push({ level: 'warning', code: 'checklist', where: item.heading, message: item.details, fix: null });
  }
  if (ready) return;
  const reasons = items.filter(({ level }) => level === 'error').map(({ heading, details }) => `${heading}: ${details}`);
  throw new AppError('campaign_not_ready', 'The vendor checklist is not green.', {
    reason: reasons.join(' ') || 'The checklist of Mailchimp is not green.',
  });
}

type Check = (platform: EmailPlatform, campaign: Campaign, findings: Finding[]) => Promise<void>;

/** In the order in which a person would mend them. */
const CHECKS: readonly (readonly [where: string, check: Check])[] = [
  ['audience', checkAudience],
  ['sender', checkSender],
  ['checklist', checkList],
];
