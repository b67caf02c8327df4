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

/** A host name of one's own in front of the API. */
export interface OwnDomain {
  /** `api.example.com` */
  name: string;
  /** Of a certificate for that name, in ACM and in the region of the deployment. */
  certificateArn: string;
  /** Where the record of the name is made; without it whoever keeps the DNS makes it. */
  hostedZone: { id: string; name: string } | undefined;
  /** Whether the API still answers at the address that AWS gave it, where webhooks may be registered. */
  keepsDefaultEndpoint: boolean;
}

/** A secret with the Mailchimp app's id and secret that somebody else keeps, such as one that several deployments share. */
export interface SharedSecret {
  /** Complete, the six characters at its end included: rights are given to exactly this. */
  arn: string;
  /** The key it is encrypted with, when that is not the one AWS keeps for the account. */
  keyArn: string | undefined;
}

/** One installation of the service: everything that differs from one stage to the next. */
export interface Deployment {
  /** Also the first part of the name of every token secret, so that stages of one account never read each other's. */
  stage: string;
  /** Where it is installed; without it wherever the credentials of the day lead. */
  target: { account: string; region: string } | undefined;
  /** Where clients, browsers and Mailchimp reach the service; without it the domain, or the API's own endpoint. */
  publicBaseUrl: string | undefined;
  domain: OwnDomain | undefined;
  /** Where a browser may be sent after the consent, each compared whole; none means the settings page below the base URL. */
  returnUrls: readonly string[];
  /** Whose scripts may call the API from another origin, as browsers spell origins; none means no script may. */
  consoleOrigins: readonly string[];
  mailchimpLoginUrl: string;
  /** Without it the deployment makes a secret of its own. */
  mailchimpAppSecret: SharedSecret | undefined;
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
  /** On every resource that takes tags, besides `service` and `stage`. */
  tags: Readonly<Record<string, string>>;
}
