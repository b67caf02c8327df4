import { CHANGELOG, OAUTH_GUIDE, RECORDED, REFERENCE, SWAGGER, type Quirk } from './quirk.ts';

const OAUTHLIB = 'github.com/requests/requests-oauthlib (its fix for Mailchimp)';

/** OAuth, tokens, and finding out where an account lives. */
export const connectQuirks: readonly Quirk[] = [
  {
    id: 'metadata-200-for-dead-token',
    on: 'the metadata endpoint answers a dead token with 200 and a body with `error`',
    off: 'it answers 401',
    source: 'github.com/singer-io/tap-mailchimp (1.4.0)',
    switch: { setting: 'metadataAnswers200', on: true, off: false },
  },
  {
    id: 'endpoint-without-version',
    on: '`api_endpoint` lacks `/3.0`, which the client must add',
    off: '`api_endpoint` is the base of all paths',
    source: RECORDED,
    switch: { setting: 'endpointWithoutVersion', on: true, off: false },
  },
  {
    id: 'root-without-endpoint',
    on: 'the root of the API knows neither `dc` nor `api_endpoint`; only the metadata do',
    off: 'the root says both',
    source: `${REFERENCE}/root`,
    switch: { setting: 'rootWithoutEndpoint', on: true, off: false },
  },
  {
    id: 'expires-in-zero',
    on: 'the token comes with `expires_in: 0`, which means never and not at once',
    off: '`expires_in` is the lifetime, or missing when there is none',
    source: OAUTHLIB,
    switch: { setting: 'expiresInZero', on: true, off: false },
  },
  {
    id: 'scope-is-null',
    on: 'the token comes with `scope: null`, where libraries expect text or nothing',
    off: 'there is no `scope`',
    source: OAUTHLIB,
    switch: { setting: 'nullScope', on: true, off: false },
  },
  {
    id: 'no-token-type',
    on: 'the token comes without `token_type`, which RFC 6749 requires',
    off: '`token_type` is `bearer`',
    source: `${OAUTHLIB}; that it is always missing is unverified`,
    switch: { setting: 'omitTokenType', on: true, off: false },
  },
  {
    id: 'no-refresh-token',
    on: 'there is no refresh token, and the grant is not supported',
    off: 'a refresh token comes along and brings new access tokens',
    source: OAUTH_GUIDE,
    switch: { setting: 'omitRefreshToken', on: true, off: false },
  },
  {
    id: 'tokens-never-expire',
    on: 'a token is good until the user removes the app',
    off: 'a token that is issued from now on dies after an hour',
    source: OAUTH_GUIDE,
    switch: { setting: 'tokenLifetimeMs', on: 0, off: 3_600_000 },
  },
  {
    id: 'codes-live-30-seconds',
    on: 'a code that is not exchanged within 30 seconds is dead',
    off: 'it lives ten minutes, as RFC 6749 allows',
    source: 'github.com/mailchimp/OAuth2-sample-apps',
    switch: { setting: 'codeLifetimeMs', on: 30_000, off: 600_000 },
  },
  {
    id: 'codes-are-single-use',
    on: 'the second exchange of a code fails, so a retried exchange does',
    off: 'repeating the exchange gives another token',
    source: 'github.com/mailchimp/OAuth2-sample-apps',
    switch: { setting: 'singleUseCodes', on: true, off: false },
  },
  {
    id: 'redirect-uri-to-the-byte',
    on: '`redirect_uri` must be the registered text to the byte, when authorizing and when exchanging',
    off: 'the same scheme, host and port are enough',
    source: `${CHANGELOG} (2020-08-11); github.com/simov/grant/issues/152`,
    switch: { setting: 'exactRedirectUris', on: true, off: false },
  },
  {
    id: 'pkce-is-ignored',
    on: 'a code challenge is passed over: the exchange succeeds without its verifier',
    off: 'the verifier is demanded',
    source: `unverified: ${OAUTH_GUIDE} does not mention PKCE`,
    switch: { setting: 'pkce', on: 'ignore', off: 'verify' },
  },
  {
    id: 'no-revocation',
    on: 'an app cannot give a token back: there is no endpoint for it',
    off: '`POST /oauth2/revoke` ends a token (RFC 7009)',
    source: SWAGGER,
    switch: { setting: 'noRevocation', on: true, off: false },
  },
  {
    id: 'hooks-outlive-tokens',
    on: 'the webhooks of an audience keep posting after the user removed the app',
    off: 'they go with the last token',
    source: `${SWAGGER}/issues/120; ${CHANGELOG} (2021-04-05)`,
    switch: { setting: 'hooksOutliveTokens', on: true, off: false },
  },
  {
    id: 'wrong-datacenter-looks-like-dead-token',
    on: 'a good token on the host of another data centre gets the 401 of a dead one',
    off: 'it gets 403 `Wrong Datacenter`',
    source:
      'github.com/mailchimp/mc-woocommerce/issues/646; 403 in github.com/jdtrat/chimpr/issues/1 (2018); which of the two now, is unverified',
    switch: { setting: 'wrongDatacenterStatus', on: 401, off: 403 },
  },
];
