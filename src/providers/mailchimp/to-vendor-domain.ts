import type * as z from 'zod';
import type { VendorDomain } from '../../core/email-platform/email-platform.ts';
import type { domainsAnswer } from './mailchimp-schemas.ts';

type Answer = z.output<typeof domainsAnswer>['domains'][number];

/**
 * A domain as Mailchimp lists it. `verified` says that somebody entered the code; `status` tells what a domain without
 * it waits for, and goes on to speak of DKIM afterwards. https://mailchimp.com/developer/marketing/api/verified-domains/
 */
export const toVendorDomain = (domain: Answer): VendorDomain => ({
  domain: domain.domain,
  verification: domain.verified ? 'done' : (WAITING[domain.status ?? ''] ?? 'none'),
  authenticated: domain.authenticated ?? false,
  freeMail: domain.is_free_email_provider ?? false,
});

const WAITING: Readonly<Record<string, VendorDomain['verification']>> = {
  VERIFICATION_IN_PROGRESS: 'pending',
  EXPIRED: 'expired',
};
