import { createHash } from 'node:crypto';
import type { Answer, Route } from './api-call.ts';
import { accountOfToken, tokenFrom } from './authentication.ts';
import { consentPage, refusalPage } from './consent-page.ts';
import { randomHex, sha256 } from './ids.ts';
import { isLoopback } from './loopback.ts';
import type { Account } from './records.ts';
import type { Simulation } from './state.ts';

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
  if (consent === 'approve') return grant(sim, form, accounts.find((account) => account.id === consentAccountId) ?? first);
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
  return app.redirectUris.includes(redirectUri) ? undefined : 'The redirect_uri differs from the registered one.';
}

function grant(sim: Simulation, form: URLSearchParams, account: Account): Answer {
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

/** `expires_in: 0` means never, and there is no refresh token. */
function exchange({ sim, form }: OauthCall): Answer {
  if (form.get('grant_type') !== 'authorization_code')
    return oauthError(400, 'unsupported_grant_type', 'The grant type must be authorization_code.');
  const [clientId, secret, redirectUri, code] = ['client_id', 'client_secret', 'redirect_uri', 'code'].map(
    (name) => form.get(name) ?? '',
  );
  if (!clientId || !secret || !redirectUri || !code)
    return oauthError(400, 'invalid_request', 'A required parameter is missing.');
  if (sim.state.apps.length > 0 && !sim.state.apps.some((app) => app.clientId === clientId && app.clientSecret === secret)) {
    return oauthError(401, 'invalid_client', 'The client credentials are invalid.');
  }
  const issued = sim.state.codes[sha256(code)];
  const alive = issued !== undefined && !issued.used && sim.now() - issued.issuedAt <= sim.state.settings.codeLifetimeMs;
  if (!alive) return oauthError(400, 'invalid_grant', 'The authorization code is invalid, expired or was used before.');
  if (issued.clientId !== clientId || issued.redirectUri !== redirectUri) {
    return oauthError(400, 'invalid_grant', 'The redirect_uri or client_id differs from the one of the authorization request.');
  }
  if (sim.state.settings.pkce === 'verify' && !answersChallenge(issued.codeChallenge, form.get('code_verifier') ?? '')) {
    return oauthError(400, 'invalid_grant', 'The code_verifier does not answer the code_challenge of the authorization request.');
  }
  issued.used = true;
  return {
    status: 200,
    body: { access_token: issueToken(sim, issued.accountId, clientId), expires_in: 0, scope: null },
    headers: { 'Cache-Control': 'no-store' },
  };
}

/** The method S256. A verifier without a challenge is refused too, against a challenge that was taken out on the way. */
const answersChallenge = (challenge: string, verifier: string): boolean =>
  challenge === '' ? verifier === '' : createHash('sha256').update(verifier).digest('base64url') === challenge;

/** A new token for an account. Only its hash is kept, so this is the one moment it can be read. */
export function issueToken(sim: Simulation, accountId: string, clientId: string, token = randomHex(16)): string {
  sim.state.tokens[sha256(token)] = { accountId, clientId, issuedAt: sim.now(), revoked: false };
  sim.changed();
  return token;
}

/** A dead token is answered with status 200 as well: only the body tells. */
function metadata({ sim, authorization }: OauthCall): Answer {
  const token = tokenFrom(authorization);
  const account = token === undefined ? undefined : accountOfToken(sim, token);
  if (account === undefined) return oauthError(200, 'invalid_token', 'The access token provided is invalid.');
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
      api_endpoint: account.apiEndpoint,
    },
  };
}
