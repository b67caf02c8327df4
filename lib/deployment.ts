import type { TokenStoreKind } from '../src/contract/manifest.ts';

/** An OIDC issuer of one's own, whose tokens people present. */
export interface OwnIssuer {
  kind: 'issuer';
  /** Compared to the letter with the token's `iss`, a slash at the end included. */
  issuer: string;
  audience: string;
  /** Where its keys are, for an issuer without discovery. */
  jwksUrl: string | undefined;
  tenantClaim: string;
  roleClaim: string;
}

/** The user pool that the deployment makes for itself. */
export interface OwnPool {
  kind: 'pool';
  /** The first part of the host of Cognito's sign-in pages; without it there are none. */
  domainPrefix: string | undefined;
}

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
  /** The keys of cursors: the first one signs, all of them open. */
  cursorKeyIds: readonly string[];
  /** Whether a code challenge goes along with the consent. */
  pkce: boolean;
  /** Who signs people in. */
  people: OwnIssuer | OwnPool;
  /** Who is told about alarms; without it they only show in CloudWatch. */
  alarmEmail: string | undefined;
}
