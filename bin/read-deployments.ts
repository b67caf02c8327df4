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

/** What belongs to one stage only, so that with several stages it must say which: `-c prod:publicBaseUrl=…`. */
const STAGE_KEYS = ['publicBaseUrl', 'returnUrls', 'signInDomainPrefix'] as const;
const DOMAIN_PREFIX = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const STAGE_NAME = /^[a-z][a-z0-9-]{0,19}$/;

/**
 * Reads the deployments from the context (`-c key=value`, or cdk.json). Every key is optional:
 *
 * - `stage`: the one stage to synthesize, `dev` by default;
 * - `stages`: several instead, comma separated;
 * - `publicBaseUrl`: where the service is reached, e.g. `https://mail.example.com`; the API's own endpoint by default;
 * - `returnUrls`: comma separated, where a browser may go after the consent; `{publicBaseUrl}/settings/integrations` by default;
 * - `mailchimpLoginUrl`: Mailchimp's OAuth host;
 * - `tokenStore`: `secrets` (one secret per connection, the default) or `envelope` (encrypted in the table under a KMS key);
 * - `cursorKeyIds`: comma separated, the keys of cursors, the one that signs first; `c1` by default;
 * - `pkce`: `on` (the default) or `off`;
 * - `oidcIssuer`: who signs people in, with `oidcAudience`, and where needed `oidcJwksUrl`, `oidcTenantClaim` and
 *   `oidcRoleClaim`; a Cognito user pool of the deployment by default;
 * - `signInDomainPrefix`: the first part of the host of that pool's sign-in pages; no pages by default;
 * - `alarmEmail`: who is told about alarms; nobody by default.
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
    const own = (key: string): string | undefined => text(`${stage}:${key}`) ?? text(key);
    return {
      stage,
      publicBaseUrl: httpsUrl('publicBaseUrl', own('publicBaseUrl'))?.replace(/\/+$/, ''),
      returnUrls: listOf(own('returnUrls') ?? '').map((url) => httpsUrl('returnUrls', url)),
      mailchimpLoginUrl: httpsUrl('mailchimpLoginUrl', own('mailchimpLoginUrl') ?? MAILCHIMP_LOGIN_URL).replace(/\/+$/, ''),
      tokenStore: oneOf('tokenStore', own('tokenStore'), TOKEN_STORE_KINDS),
      cursorKeyIds: keyIds(own('cursorKeyIds') ?? CURSOR_KEY_IDS),
      pkce: oneOf('pkce', own('pkce'), ['on', 'off']) === 'on',
      people: readPeople(own),
      alarmEmail: own('alarmEmail'),
    };
  });
}

const ISSUER_KEYS = ['oidcAudience', 'oidcJwksUrl', 'oidcTenantClaim', 'oidcRoleClaim'] as const;

function readPeople(own: (key: string) => string | undefined): Deployment['people'] {
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

/** The first is the default. */
function oneOf<const T extends string>(key: string, value: string | undefined, choices: readonly [T, ...T[]]): T {
  const chosen = value === undefined ? choices[0] : choices.find((choice) => choice === value);
  if (chosen === undefined) throw new Error(`Context ${key} must be ${choices.join(' or ')}, got "${value ?? ''}".`);
  return chosen;
}

function keyIds(text: string): string[] {
  const ids = listOf(text);
  const wrong = ids.find((id) => !CURSOR_KEY_ID.test(id));
  if (ids.length === 0 || wrong !== undefined || new Set(ids).size < ids.length)
    throw new Error(`Context cursorKeyIds must be different ids of at most 8 of a-z and 0-9, comma separated, got "${text}".`);
  return ids;
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

function httpsUrl(key: string, value: string): string;
function httpsUrl(key: string, value: string | undefined): string | undefined;
function httpsUrl(key: string, value: string | undefined): string | undefined {
  if (value !== undefined && !(URL.canParse(value) && value.startsWith('https://'))) {
    throw new Error(`Context ${key} must be an https URL, got "${value}".`);
  }
  return value;
}
