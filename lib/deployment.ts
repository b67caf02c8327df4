import type { TokenStoreKind } from '../src/contract/manifest.ts';

/** One installation of the service: everything that differs from one stage to the next. */
export interface Deployment {
  /** Also the first part of the name of every token secret, so that stages of one account never read each other's. */
  stage: string;
  /** Where clients, browsers and Mailchimp reach the service; without it the API's own endpoint. */
  publicBaseUrl: string | undefined;
  /** Where a browser may be sent after the consent, each compared whole; none means the settings page below the base URL. */
  returnUrls: readonly string[];
  mailchimpLoginUrl: string;
  /** How tenants' tokens are kept. */
  tokenStore: TokenStoreKind;
  /** Whether a code challenge goes along with the consent. */
  pkce: boolean;
  /** Who is told about alarms; without it they only show in CloudWatch. */
  alarmEmail: string | undefined;
}
