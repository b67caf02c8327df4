import type { OpenPlatformRequest } from '../core/connection/use-platform.ts';
import type { ContactIdsOf } from '../core/contact/erasure.ts';
import type { EmailPlatform } from '../core/email-platform/email-platform.ts';
import type { Clock } from '../core/shared/clock.ts';
import { mailchimpContactIds } from './mailchimp/contact-ids.ts';
import type { MailchimpHosts } from './mailchimp/mailchimp-hosts.ts';
import { openMailchimp } from './mailchimp/mailchimp-platform.ts';
import type { PlatformId } from '../core/shared/platform-id.ts';

export interface ProviderSettings {
  clock: Clock;
  mailchimp: MailchimpHosts;
}

/** A new platform does not compile until it is opened here. */
const OPENERS = {
  mailchimp: (request, { clock, mailchimp }) => openMailchimp({ ...request, clock, hosts: mailchimp }),
} satisfies Record<PlatformId, (request: OpenPlatformRequest, settings: ProviderSettings) => EmailPlatform>;

const CONTACT_IDS = { mailchimp: mailchimpContactIds } satisfies Record<PlatformId, (email: string) => string[]>;

export const contactIdsOf: ContactIdsOf = (platform, email) => CONTACT_IDS[platform](email);

export const openPlatform =
  (settings: ProviderSettings) =>
  (request: OpenPlatformRequest): EmailPlatform =>
    OPENERS[request.platform](request, settings);
