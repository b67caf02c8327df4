import { createHash } from 'node:crypto';
import type { Answer, Route } from './api-call.ts';
import { accountOfToken, tokenFrom } from './authentication.ts';
import { consentPage, refusalPage } from './consent-page.ts';
import { randomHex, sha256 } from './ids.ts';
import { isLoopback } from './loopback.ts';
import { notFound } from './problem.ts';
import type { Account } from './records.ts';
import { entry, type Simulation } from './state.ts';

/** A call of the login host: parameters of a form or of the query. */
export interface OauthCall {
  readonly sim: Simulation;
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}

/** https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/ */
export const oauthRoutes: readonly Route<(call: OauthCall) => Answer>[] = [
  { method: 'GET', path: '/oauth2/authorize', handle: authorize },
  { method: 'POST', path: '/oauth2/authorize', handle: decide },
  { method: 'POST', path: '/oauth2/token', handle: exchange },
  { method: 'GET', path: '/oauth2/metadata', handle: metadata },
  { method: 'POST', path: '/oauth2/revoke', handle: revoke },
];

const HTML = { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', 'X-Frame-Options': 'DENY' };

function authorize({ sim, form }: OauthCall): Answer {
  const refusal = refusalOf(sim, form);
  if (refusal !== undefined) return { status: 400, text: refusalPage(refusal), headers: HTML };
  const { consent, consentAccountId } = sim.state.settings;
  const accounts = sim.state.accounts.filter((account) => !account.disabled);
  const [first] = accounts;
  if (first === undefined)
    return { status: 400, text: refusalPage('There is no account that could be authorized.'), headers: HTML };
  if (consent === 'deny') return backToApp(form, { error: 'access_denied' });
  if (consent === 'approve') {
    const wanted = consentAccountId === '' ? first : accounts.find((account) => account.id === consentAccountId);
    if (wanted !== undefined) return grant(sim, form, wanted);
    return { status: 400, text: refusalPage(`There is no account ${consentAccountId} to consent for.`), headers: HTML };
  }
  const asked = {
    clientId: form.get('client_id') ?? '',
    redirectUri: form.get('redirect_uri') ?? '',
    state: form.get('state') ?? '',
    codeChallenge: form.get('code_challenge'),
  };
  return { status: 200, text: consentPage(asked, accounts), headers: HTML };
}

function decide({ sim, form }: OauthCall): Answer {
  const refusal = refusalOf(sim, form);
  if (refusal !== undefined) return { status: 400, text: refusalPage(refusal), headers: HTML };
  if (form.get('decision') !== 'approve') return backToApp(form, { error: 'access_denied' });
  const wanted = form.get('account_id');
  const account = sim.state.accounts.find((candidate) => !candidate.disabled && (wanted === null || candidate.id === wanted));
  if (account === undefined) return { status: 400, text: refusalPage('That account does not exist.'), headers: HTML };
  return grant(sim, form, account);
}

/** Why a request to authorize is refused. Until apps are registered, every app on this machine is welcome. */
function refusalOf(sim: Simulation, form: URLSearchParams): string | undefined {
  const clientId = form.get('client_id') ?? '';
  const redirectUri = form.get('redirect_uri') ?? '';
  if (form.get('response_type') !== 'code') return 'The response_type must be code.';
  if (clientId === '') return 'The client_id is missing.';
  if (!URL.canParse(redirectUri)) return 'The redirect_uri is missing or no URL.';
  if (sim.state.settings.pkce === 'refuse' && form.has('code_challenge')) return 'The parameter code_challenge is not known.';
  if (sim.state.apps.length === 0) {
    const loopback = isLoopback(new URL(redirectUri).hostname);
    return loopback ? undefined : 'No app is registered, so only loopback redirect URIs are accepted.';
  }
  const app = sim.state.apps.find((candidate) => candidate.clientId === clientId);
  if (app === undefined) return 'This client_id is not registered.';
  const registered = app.redirectUris.some((uri) => sameRedirect(sim, uri, redirectUri));
  return registered ? undefined : 'The redirect_uri differs from the registered one.';
}

/** The same text, or at least the same origin where nobody insists. */
const sameRedirect = (sim: Simulation, one: string, other: string): boolean =>
  one === other || (!sim.state.settings.exactRedirectUris && URL.parse(one)?.origin === URL.parse(other)?.origin);

function grant(sim: Simulation, form: URLSearchParams, account: Account): Answer {
  forgetOldCodes(sim);
  const code = randomHex(16);
  sim.state.codes[sha256(code)] = {
    accountId: account.id,
    clientId: form.get('client_id') ?? '',
    redirectUri: form.get('redirect_uri') ?? '',
    codeChallenge: form.get('code_challenge') ?? '',
    issuedAt: sim.now(),
    used: false,
  };
  sim.changed();
  return backToApp(form, { code });
}

/** A code that is long dead cannot even be said to have been used. */
function forgetOldCodes(sim: Simulation): void {
  const oldest = sim.now() - sim.state.settings.codeLifetimeMs - 24 * 3_600_000;
  for (const [hash, { issuedAt }] of Object.entries(sim.state.codes)) if (issuedAt < oldest) delete sim.state.codes[hash];
}

function backToApp(form: URLSearchParams, values: Readonly<Record<string, string>>): Answer {
  const target = new URL(form.get('redirect_uri') ?? '');
  for (const [name, value] of Object.entries(values)) target.searchParams.set(name, value);
  const state = form.get('state');
  if (state !== null && state !== '') target.searchParams.set('state', state);
  return { status: 303, headers: { Location: target.href, 'Cache-Control': 'no-store' } };
}

const oauthError = (status: number, error: string, description: string): Answer => ({
  status,
  body: { error, error_description: description },
  headers: { 'Cache-Control': 'no-store' },
});

function exchange({ sim, form }: OauthCall): Answer {
  const { codeLifetimeMs, omitRefreshToken, pkce, singleUseCodes } = sim.state.settings;
  if (form.get('grant_type') === 'refresh_token' && !omitRefreshToken) return refresh(sim, form);
  if (form.get('grant_type') !== 'authorization_code')
    return oauthError(400, 'unsupported_grant_type', 'The grant type must be authorization_code.');
  const [clientId, secret, redirectUri, code] = ['client_id', 'client_secret', 'redirect_uri', 'code'].map(
    (name) => form.get(name) ?? '',
  );
  if (!clientId || !secret || !redirectUri || !code)
    return oauthError(400, 'invalid_request', 'A required parameter is missing.');
  if (!isClient(sim, clientId, secret)) return oauthError(401, 'invalid_client', 'The client credentials are invalid.');
  const issued = sim.state.codes[sha256(code)];
  const isSpent = issued?.used === true && singleUseCodes;
  if (issued === undefined || isSpent || sim.now() - issued.issuedAt > codeLifetimeMs)
    return oauthError(400, 'invalid_grant', 'The authorization code is invalid, expired or was used before.');
  if (issued.clientId !== clientId || !sameRedirect(sim, issued.redirectUri, redirectUri)) {
    return oauthError(400, 'invalid_grant', 'The redirect_uri or client_id differs from the one of the authorization request.');
  }
  if (pkce === 'verify' && !answersChallenge(issued.codeChallenge, form.get('code_verifier') ?? '')) {
    return oauthError(400, 'invalid_grant', 'The code_verifier does not answer the code_challenge of the authorization request.');
  }
  issued.used = true;
  return tokenAnswer(sim, issued.accountId, clientId);
}

/** Until apps are registered, every app has the right secret. */
const isClient = (sim: Simulation, clientId: string, secret: string): boolean =>
  sim.state.apps.length === 0 || sim.state.apps.some((app) => app.clientId === clientId && app.clientSecret === secret);

/** New tokens; by default without what RFC 6749 would have a client expect, and with `expires_in: 0` for never. */
function tokenAnswer(sim: Simulation, accountId: string, clientId: string): Answer {
  const { expiresInZero, nullScope, omitRefreshToken, omitTokenType, tokenLifetimeMs } = sim.state.settings;
  const lifetime = tokenLifetimeMs > 0 ? { expires_in: tokenLifetimeMs / 1000 } : {};
  const body = {
    access_token: issueToken(sim, accountId, clientId),
    ...(expiresInZero ? { expires_in: 0 } : lifetime),
    ...(nullScope ? { scope: null } : {}),
    ...(omitTokenType ? {} : { token_type: 'bearer' }),
    ...(omitRefreshToken ? {} : { refresh_token: issueRefreshToken(sim, accountId, clientId) }),
  };
  return { status: 200, body, headers: { 'Cache-Control': 'no-store' } };
}

function refresh(sim: Simulation, form: URLSearchParams): Answer {
  const clientId = form.get('client_id') ?? '';
  if (!isClient(sim, clientId, form.get('client_secret') ?? ''))
    return oauthError(401, 'invalid_client', 'The client credentials are invalid.');
  const known = entry(sim.state.tokens, sha256(form.get('refresh_token') ?? ''));
  if (known === undefined || known.revoked || !known.refresh || known.clientId !== clientId)
    return oauthError(400, 'invalid_grant', 'The refresh token is invalid.');
  return tokenAnswer(sim, known.accountId, clientId);
}

/** RFC 7009, which the vendor does not have. */
function revoke({ sim, form }: OauthCall): Answer {
  if (sim.state.settings.noRevocation) throw notFound();
  if (!isClient(sim, form.get('client_id') ?? '', form.get('client_secret') ?? ''))
    return oauthError(401, 'invalid_client', 'The client credentials are invalid.');
  const known = entry(sim.state.tokens, sha256(form.get('token') ?? ''));
  if (known !== undefined) known.revoked = true;
  sim.changed();
  return { status: 200 };
}

/** The method S256. A verifier without a challenge is refused too, against a challenge that was taken out on the way. */
const answersChallenge = (challenge: string, verifier: string): boolean =>
  challenge === '' ? verifier === '' : createHash('sha256').update(verifier).digest('base64url') === challenge;

/** A new token for an account. Only its hash is kept, so this is the one moment it can be read. */
export function issueToken(sim: Simulation, accountId: string, clientId: string, token = randomHex(16)): string {
  const lifetimeMs = sim.state.settings.tokenLifetimeMs;
  sim.state.tokens[sha256(token)] = { accountId, clientId, issuedAt: sim.now(), lifetimeMs, revoked: false, refresh: false };
  sim.changed();
  return token;
}

function issueRefreshToken(sim: Simulation, accountId: string, clientId: string): string {
  const token = randomHex(16);
  sim.state.tokens[sha256(token)] = { accountId, clientId, issuedAt: sim.now(), lifetimeMs: 0, revoked: false, refresh: true };
  return token;
}

/** A dead token is answered with status 200 as well, as a rule: only the body tells. */
function metadata({ sim, authorization }: OauthCall): Answer {
  const token = tokenFrom(authorization);
  const account = token === undefined ? undefined : accountOfToken(sim, token);
  const { endpointWithoutVersion, metadataAnswers200 } = sim.state.settings;
  if (account === undefined)
    return oauthError(metadataAnswers200 ? 200 : 401, 'invalid_token', 'The access token provided is invalid.');
  return {
    status: 200,
    body: {
      dc: account.dc,
      role: account.role,
      accountname: account.name,
      user_id: account.userId,
      login: {
        email: account.email,
        avatar: null,
        login_id: account.loginId,
        login_name: account.email,
        login_email: account.email,
      },
      login_url: 'https://login.mailchimp.com',
      api_endpoint: endpointWithoutVersion ? account.apiEndpoint : `${account.apiEndpoint}/3.0`,
    },
  };
}
