import { domainToUnicode } from 'node:url';
import type { VendorDomain } from '../email-platform/email-platform.ts';
import { ERRORS } from '../shared/errors.ts';
import { domainOf } from './sender.ts';

/** `verified` and `authenticated` may send; `free_mail` is nobody's to verify; `unknown` when nobody could be asked. */
export type DomainStatus = 'verified' | 'authenticated' | 'pending' | 'expired' | 'unverified' | 'free_mail' | 'unknown';
/** Why the platform did not tell. */
export type Silence = 'not_connected' | 'needs_reconnect' | 'account_disabled' | 'no_answer' | 'no_right';

export interface SenderStanding {
  /** In ASCII and lower case, as the platform compares it. */
  domain: string;
  domainStatus: DomainStatus;
  freeMail: boolean;
  /** Whether the platform would take it as a sender; `null` when it did not tell. */
  verified: boolean | null;
  /** Whether DKIM is in the domain's DNS; `null` when the platform did not tell. */
  authenticated: boolean | null;
  reason: Silence | null;
  /** What is wrong, in a sentence that names the domain; `null` when nothing is. */
  cause: string | null;
  /** What to do about it; `null` when there is nothing to do. */
  fix: string | null;
}

/**
 * How an address stands as a sender. The one rule for the answer about the sender, the warning when it is stored, and
 * the refusal of a send. A subdomain is another domain; what the platform lists under the very name wins over the
 * list of free mailers, because nobody can add one of those.
 * @param domains what the platform lists, or why it did not
 */
export function assessSender(
  email: string,
  domains: readonly VendorDomain[] | Silence,
  freeMailers: ReadonlySet<string>,
): SenderStanding {
  const domain = domainOf(email);
  const silence = typeof domains === 'string' ? domains : null;
  const listed = typeof domains === 'string' ? undefined : domains.find(({ domain: name }) => domainOf(name) === domain);
  const freeMail = listed ? listed.freeMail : freeMailers.has(domain);
  const domainStatus = freeMail ? 'free_mail' : silence ? 'unknown' : statusOf(listed);
  const shown = domainToUnicode(domain) || domain;
  return {
    domain,
    domainStatus,
    freeMail,
    verified: silence ? null : listed !== undefined && (listed.verification === 'done' || listed.freeMail),
    authenticated: silence ? null : (listed?.authenticated ?? false),
    reason: silence,
    cause: CAUSE[domainStatus](shown),
    fix: silence && domainStatus === 'unknown' ? UNKNOWN_FIX[silence](shown) : FIX[domainStatus](shown),
  };
}

function statusOf(listed: VendorDomain | undefined): DomainStatus {
  if (!listed || listed.verification === 'none') return 'unverified';
  if (listed.verification !== 'done') return listed.verification;
  return listed.authenticated ? 'authenticated' : 'verified';
}

type Sentence = (domain: string) => string | null;
const nothing: Sentence = () => null;

const CAUSE: Record<DomainStatus, Sentence> = {
  verified: nothing,
  authenticated: nothing,
  pending: (domain) => `The domain ${domain} is not verified at Mailchimp yet: the code it mailed was not entered.`,
  expired: (domain) => `The domain ${domain} is not verified at Mailchimp: the code it mailed has expired.`,
  unverified: (domain) => `The domain ${domain} is not verified at Mailchimp.`,
  free_mail: (domain) => `${domain} belongs to a free mail service, so it is not yours to verify at Mailchimp.`,
  unknown: (domain) => `Whether ${domain} is verified at Mailchimp is not known.`,
};

const FIX: Record<DomainStatus, Sentence> = {
  verified: (domain) =>
    `You can send. Authenticate ${domain} too, under Domains in the Mailchimp dashboard: Gmail and Yahoo expect it of whoever mails many people.`,
  authenticated: nothing,
  pending: (domain) =>
    `${ERRORS.sender_unverified.fix}: Mailchimp has mailed a code to an address of ${domain}; enter it under Domains.`,
  expired: (domain) =>
    `${ERRORS.sender_unverified.fix}: ask for a new code for ${domain} under Domains, and enter it within 7 days.`,
  unverified: (domain) =>
    `${ERRORS.sender_unverified.fix}: add ${domain} under Domains, then enter the code that Mailchimp mails to an address of it.`,
  free_mail: (domain) =>
    `Use an address of a domain of your own. Mail to many people that says it comes from ${domain} but does not is rewritten, put into spam or refused.`,
  unknown: nothing,
};

const UNKNOWN_FIX: Record<Silence, Sentence> = {
  not_connected: (domain) => `Connect Mailchimp to see whether ${domain} is verified there.`,
  account_disabled: (domain) =>
    `Clear the matter with Mailchimp, which has disabled the account, to see whether ${domain} is verified.`,
  needs_reconnect: (domain) => `Reconnect Mailchimp to see whether ${domain} is verified there.`,
  no_answer: (domain) => `Mailchimp did not answer. Look again in a few minutes to see whether ${domain} is verified there.`,
  no_right: (domain) =>
    `The Mailchimp user who connected may not see domains. Ask an admin of the Mailchimp account whether ${domain} is verified, or let an admin connect.`,
};
