import type * as z from 'zod';
import { AppError } from '../../core/shared/app-error.ts';
import type { metadataAnswer } from './mailchimp-schemas.ts';

export interface MailchimpHosts {
  /** `https://login.mailchimp.com`, or a stand-in. */
  loginUrl: string;
  /** Used in place of the account's own API host; only for stand-ins. */
  apiHostOverride: string | undefined;
}

/** Anything else would let a forged metadata answer aim our calls, with their tokens, at a host of its choice. */
const DATA_CENTRE_HOST = /^[a-z]{2,}\d{1,3}\.api\.mailchimp\.com$/;
const SINGLE_HOST = 'api.mailchimp.com';
const DATA_CENTRE = /^[a-z]{2,}\d{1,3}$/;

const isLoopback = (url: string): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);

const refusedHost = (): AppError =>
  new AppError('api_endpoint_error', 'The API address of the account is not one of Mailchimp.', {
    reason: 'The metadata of the account name an API host that is not a Mailchimp host.',
  });

/** The base URL to call for an account. @throws AppError `api_endpoint_error` for a host that is not Mailchimp's */
export function apiBaseUrl(metadata: Pick<z.infer<typeof metadataAnswer>, 'dc' | 'api_endpoint'>, hosts: MailchimpHosts): string {
  const override = hosts.apiHostOverride;
  if (!URL.canParse(metadata.api_endpoint) || !DATA_CENTRE.test(metadata.dc)) throw refusedHost();
  // A stand-in may name itself; the call goes to the override all the same.
  if (override && isLoopback(override) && isLoopback(metadata.api_endpoint)) return override;
  const host = mailchimpHost(metadata.api_endpoint);
  return override ?? host;
}

const isMailchimpHost = (address: string): boolean => {
  if (!URL.canParse(address)) return false;
  const { href, hostname } = new URL(address);
  return href === `https://${hostname}/` && (DATA_CENTRE_HOST.test(hostname) || hostname === SINGLE_HOST);
};

/** The base URL of a host of Mailchimp. Checked again at each use, also where it comes from our own table. @throws AppError `api_endpoint_error` */
export function mailchimpHost(apiEndpoint: string): string {
  if (isMailchimpHost(apiEndpoint)) return `https://${new URL(apiEndpoint).hostname}`;
  throw refusedHost();
}
