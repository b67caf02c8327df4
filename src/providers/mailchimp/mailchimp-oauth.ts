import axios, { isAxiosError } from 'axios';
import type * as z from 'zod';
import type { OAuthPlatform, VendorAccount } from '../../core/email-platform/email-platform.ts';
import { AppError } from '../../core/shared/app-error.ts';
import { SECOND, toIso, type Clock } from '../../core/shared/clock.ts';
import { metadataAnswer, metadataError, rootAnswer, tokenAnswer } from './mailchimp-schemas.ts';

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
/** Two such calls and the first look at the account have to fit into one request. */
const TIMEOUT_MS = 6 * SECOND;

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

const failed = (reason: string, status: number | null, clock: Clock): AppError =>
  new AppError('connection_failed', 'Mailchimp did not complete the connection.', {
    reason,
    vendor: { status, title: null, detail: null, instance: null, requestId: null, at: toIso(clock.now()) },
  });

/** Calls the login or API host with no retry and no redirect. @throws AppError `connection_failed` without an answer */
async function ask(
  clock: Clock,
  request: { url: string; authorization?: string; form?: Record<string, string> },
): Promise<{ status: number; json: unknown }> {
  try {
    const response = await axios.request<unknown>({
      method: request.form ? 'POST' : 'GET',
      url: request.url,
      ...(request.form && { data: new URLSearchParams(request.form).toString() }),
      headers: {
        ...(request.authorization && { Authorization: request.authorization }),
        ...(request.form && { 'Content-Type': 'application/x-www-form-urlencoded' }),
      },
      timeout: TIMEOUT_MS,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      maxRedirects: 0,
      proxy: false,
      maxContentLength: 1024 * 1024,
      validateStatus: () => true,
    });
    return { status: response.status, json: response.data };
  } catch (error) {
    // Dropped, because its configuration carries the secret or the token.
    if (!isAxiosError(error)) throw error;
    throw failed('Mailchimp did not answer.', null, clock);
  }
}

/**
 * The account's metadata. Mailchimp answers 200 with `error` for a dead token, so the fields decide, not the status.
 * @throws AppError `invalid_token` for a dead token, `connection_failed` when nobody can tell
 */
export async function readMetadata(clock: Clock, hosts: MailchimpHosts, token: string): Promise<z.infer<typeof metadataAnswer>> {
  const { status, json } = await ask(clock, { url: `${hosts.loginUrl}/oauth2/metadata`, authorization: `OAuth ${token}` });
  const metadata = metadataAnswer.safeParse(json);
  if (status < 300 && metadata.success && !metadataError.safeParse(json).success) return metadata.data;
  if (metadataError.safeParse(json).success || status === 401)
    throw new AppError('invalid_token', 'Mailchimp says that the token is dead.');
  throw failed('Mailchimp gave no metadata for the account.', status, clock);
}

/** @param app the Mailchimp app's id and secret, read when they are needed */
export function openMailchimpOAuth(options: {
  clock: Clock;
  hosts: MailchimpHosts;
  app: () => Promise<{ clientId: string; clientSecret: string }>;
}): OAuthPlatform {
  const { clock, hosts, app } = options;
  return {
    id: 'mailchimp',

    // Mailchimp documents no PKCE: the parameters are sent all the same, and change nothing where they are not known.
    async authorizeUrl({ state, redirectUri, codeChallenge }) {
      const { clientId } = await app();
      const url = new URL(`${hosts.loginUrl}/oauth2/authorize`);
      url.search = new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        state,
        ...(codeChallenge !== null && { code_challenge: codeChallenge, code_challenge_method: 'S256' }),
      }).toString();
      return url.href;
    },

    // https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/ : `expires_in: 0` means never.
    async exchangeCode({ code, redirectUri, codeVerifier }) {
      const { clientId, clientSecret } = await app();
      const { status, json } = await ask(clock, {
        url: `${hosts.loginUrl}/oauth2/token`,
        form: {
          grant_type: 'authorization_code',
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uri: redirectUri,
          code,
          ...(codeVerifier !== null && { code_verifier: codeVerifier }),
        },
      });
      const token = tokenAnswer.safeParse(json);
      if (status >= 300 || !token.success) throw failed('Mailchimp refused to exchange the code.', status, clock);
      return token.data.access_token;
    },

    async readAccount(token): Promise<VendorAccount> {
      const metadata = await readMetadata(clock, hosts, token).catch((error: unknown) => {
        if (error instanceof AppError && error.code === 'invalid_token')
          throw failed('Mailchimp did not accept the new token.', 200, clock);
        throw error;
      });
      const apiEndpoint = apiBaseUrl(metadata, hosts);
      const { status, json } = await ask(clock, { url: `${apiEndpoint}/3.0/`, authorization: `Bearer ${token}` });
      const root = rootAnswer.safeParse(json);
      if (status >= 300 || !root.success) throw failed('Mailchimp did not say whose account it is.', status, clock);
      const loginId = metadata.login?.login_id ?? root.data.login_id ?? metadata.user_id ?? root.data.account_id;
      return {
        accountId: root.data.account_id,
        accountName: root.data.account_name ?? metadata.accountname ?? root.data.account_id,
        vendorUser: `mailchimp-${loginId}`,
        apiEndpoint,
      };
    },
  };
}
