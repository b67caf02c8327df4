import type { Node } from 'constructs';
import type { Deployment } from '../lib/deployment.ts';
import {
  CURSOR_KEY_ID,
  CURSOR_KEY_IDS,
  MAILCHIMP_LOGIN_URL,
  OIDC_ROLE_CLAIM,
  OIDC_TENANT_CLAIM,
  TOKEN_STORE_KINDS,
} from '../src/contract/manifest.ts';
import { both, formOf, httpsOrigin, httpsUrl, listOf, oneOf, type ReadKey } from './context-values.ts';
import { readDomain } from './read-domain.ts';

/** What belongs to one stage only, so that with several stages it must say which: `-c prod:publicBaseUrl=…`. */
const STAGE_KEYS = ['publicBaseUrl', 'returnUrls', 'signInDomainPrefix', 'domainName'] as const;
const DOMAIN_PREFIX = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;
/** Complete: what looks complete and is not names nothing, so that too little is allowed and never too much. */
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}$/;
const KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/;
/** `aws:` is AWS's own, and these two are ours. */
const TAG = /^(?!aws:|service=|stage=)([\w.:/+@-]{1,128})=([\w .:/+@-]{1,256})$/;
const MAIL_ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const STAGE_NAME = /^[a-z][a-z0-9-]{0,19}$/;

/**
 * Reads the deployments from the context (`-c key=value`, or cdk.json). Every key is optional:
 *
 * - `stage`: the one stage to synthesize, `dev` by default;
 * - `stages`: several instead, comma separated;
 * - `account` and `region`: where to install; wherever the credentials lead by default;
 * - `publicBaseUrl`: where the service is reached, e.g. `https://mail.example.com`; the domain or the API's own endpoint by default;
 * - `domainName` with `certificateArn`: a host name of one's own; with `hostedZoneId` and `hostedZoneName` its record is made too,
 *   and `disableDefaultEndpoint` `on` closes the API's own endpoint;
 * - `returnUrls`: comma separated, where a browser may go after the consent; `{publicBaseUrl}/settings/integrations` by default;
 * - `consoleOrigins`: comma separated, whose scripts may call the API from another origin; nobody's by default;
 * - `mailchimpLoginUrl`: Mailchimp's OAuth host;
 * - `mailchimpAppSecretArn`, and where needed `mailchimpAppSecretKeyArn`: a secret that is there already; a new one by default;
 * - `tokenStore`: `secrets` (one secret per connection, the default) or `envelope` (encrypted in the table under a KMS key);
 * - `cursorKeyIds`: comma separated, the keys of cursors, the one that signs first; `c1` by default;
 * - `pkce`: `on` (the default) or `off`;
 * - `oidcIssuer`: who signs people in, with `oidcAudience`, and where needed `oidcJwksUrl`, `oidcTenantClaim` and
 *   `oidcRoleClaim`; a Cognito user pool of the deployment by default;
 * - `signInDomainPrefix`: the first part of the host of that pool's sign-in pages; no pages by default;
 * - `alarmEmail`: who is told about alarms; nobody by default;
 * - `tags`: comma separated `key=value`, on every resource.
 *
 * A key may be given for one stage alone by putting its name in front: `prod:alarmEmail`.
 */
export function readDeployments(context: Pick<Node, 'tryGetContext'>): Deployment[] {
  const text = (key: string): string | undefined => {
    const value: unknown = context.tryGetContext(key);
    if (value === undefined || value === '') return undefined;
    if (typeof value !== 'string') throw new Error(`Context ${key} must be text, got ${typeof value}.`);
    return value;
  };

  const stages = listOf(text('stages') ?? text('stage') ?? 'dev');
  if (new Set(stages).size < stages.length) throw new Error(`Context stages names a stage twice: ${stages.join(', ')}.`);
  if (stages.length > 1) {
    for (const key of STAGE_KEYS) {
      if (text(key) !== undefined)
        throw new Error(`Context ${key} belongs to one stage: write ${stages.map((stage) => `${stage}:${key}`).join(' or ')}.`);
    }
  }

  return stages.map((stage) => {
    if (!STAGE_NAME.test(stage)) {
      throw new Error(`Stage "${stage}" must begin with a letter and hold at most 20 of a-z, 0-9 and -.`);
    }
    const own: ReadKey = (key) => text(`${stage}:${key}`) ?? text(key);
    const target = readTarget(own);
    return {
      stage,
      target,
      domain: readDomain(own, target),
      consoleOrigins: listOf(own('consoleOrigins') ?? '').map((origin) => httpsOrigin('consoleOrigins', origin)),
      mailchimpAppSecret: readAppSecret(own),
      tags: readTags(own('tags') ?? ''),
      publicBaseUrl: httpsUrl('publicBaseUrl', own('publicBaseUrl'))?.replace(/\/+$/, ''),
      returnUrls: listOf(own('returnUrls') ?? '').map((url) => httpsUrl('returnUrls', url)),
      mailchimpLoginUrl: httpsUrl('mailchimpLoginUrl', own('mailchimpLoginUrl') ?? MAILCHIMP_LOGIN_URL).replace(/\/+$/, ''),
      tokenStore: oneOf('tokenStore', own('tokenStore'), TOKEN_STORE_KINDS),
      cursorKeyIds: keyIds(own('cursorKeyIds') ?? CURSOR_KEY_IDS),
      pkce: oneOf('pkce', own('pkce'), ['on', 'off']) === 'on',
      people: readPeople(own),
      alarmEmail: formOf('alarmEmail', own('alarmEmail'), MAIL_ADDRESS, 'an e-mail address'),
    };
  });
}

const ISSUER_KEYS = ['oidcAudience', 'oidcJwksUrl', 'oidcTenantClaim', 'oidcRoleClaim'] as const;

function readPeople(own: ReadKey): Deployment['people'] {
  const issuer = httpsUrl('oidcIssuer', own('oidcIssuer'));
  const domainPrefix = own('signInDomainPrefix');
  if (issuer === undefined) {
    const stray = ISSUER_KEYS.find((key) => own(key) !== undefined);
    if (stray !== undefined) throw new Error(`Context ${stray} is about an issuer of your own: give oidcIssuer too.`);
    if (domainPrefix !== undefined && !DOMAIN_PREFIX.test(domainPrefix))
      throw new Error(`Context signInDomainPrefix must be at most 63 of a-z, 0-9 and inner -, got "${domainPrefix}".`);
    return { kind: 'pool', domainPrefix };
  }
  if (domainPrefix !== undefined)
    throw new Error('Context signInDomainPrefix is about the user pool, which oidcIssuer replaces.');
  const audience = own('oidcAudience');
  if (audience === undefined) throw new Error('Context oidcIssuer needs oidcAudience: whose tokens are meant for this service.');
  return {
    kind: 'issuer',
    issuer,
    audience,
    jwksUrl: httpsUrl('oidcJwksUrl', own('oidcJwksUrl')),
    tenantClaim: own('oidcTenantClaim') ?? OIDC_TENANT_CLAIM,
    roleClaim: own('oidcRoleClaim') ?? OIDC_ROLE_CLAIM,
  };
}

function readTarget(own: ReadKey): Deployment['target'] {
  const given = both(own, 'account', 'region');
  if (given === undefined) return undefined;
  const [account, region] = given;
  formOf('account', account, ACCOUNT, 'the 12 digits of an account');
  formOf('region', region, REGION, 'a region such as eu-central-1');
  return { account, region };
}

function readAppSecret(own: ReadKey): Deployment['mailchimpAppSecret'] {
  const says = 'the complete ARN of a secret, with the six characters at its end';
  const arn = formOf('mailchimpAppSecretArn', own('mailchimpAppSecretArn'), SECRET_ARN, says);
  const keyArn = formOf('mailchimpAppSecretKeyArn', own('mailchimpAppSecretKeyArn'), KEY_ARN, 'the ARN of a key of KMS');
  if (arn !== undefined) return { arn, keyArn };
  if (keyArn !== undefined)
    throw new Error('Context mailchimpAppSecretKeyArn is about a secret of your own: give mailchimpAppSecretArn too.');
  return undefined;
}

function readTags(text: string): Record<string, string> {
  return Object.fromEntries(
    listOf(text).map((given) => {
      const [, key, value] = TAG.exec(given) ?? [];
      if (key === undefined || value === undefined)
        throw new Error(`Context tags must be key=value, and no tag of AWS or of the service itself, got "${given}".`);
      return [key, value];
    }),
  );
}

function keyIds(text: string): string[] {
  const ids = listOf(text);
  const wrong = ids.find((id) => !CURSOR_KEY_ID.test(id));
  if (ids.length === 0 || wrong !== undefined || new Set(ids).size < ids.length)
    throw new Error(`Context cursorKeyIds must be different ids of at most 8 of a-z and 0-9, comma separated, got "${text}".`);
  return ids;
}
