import type * as z from 'zod';
import type { EmailPlatform, VendorDomain } from '../../core/email-platform/email-platform.ts';
import { to } from './address.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { isVendorStatus } from './mailchimp-errors.ts';
import { domainsAnswer } from './mailchimp-schemas.ts';

type Answer = z.output<typeof domainsAnswer>['domains'][number];

const WAITING: Readonly<Record<string, VendorDomain['verification']>> = {
  VERIFICATION_IN_PROGRESS: 'pending',
  EXPIRED: 'expired',
};

/**
 * A domain as Mailchimp lists it. `verified` says that somebody entered the code; `status` tells what a domain without
 * it waits for, and goes on to speak of DKIM afterwards.
 */
const toVendorDomain = (domain: Answer): VendorDomain => ({
  domain: domain.domain,
  verification: domain.verified ? 'done' : (WAITING[domain.status ?? ''] ?? 'none'),
  authenticated: domain.authenticated ?? false,
  freeMail: domain.is_free_email_provider ?? false,
});

export const mailchimpDomains = (client: MailchimpClient): Pick<EmailPlatform, 'readDomains'> => ({
  async readDomains() {
    try {
      // The contract knows no parameters here, and no pages: one answer has them all.
      const { domains } = await client.request(domainsAnswer, to('listDomains'));
      return domains.map(toVendorDomain);
    } catch (error) {
      // A role or plan without this right: the checklist still judges the sender.
      if (isVendorStatus(error, 403, 404)) return null;
      throw error;
    }
  },
});
