import type * as z from 'zod';
import type { OAuthPlatform, VendorAccount } from '../../core/email-platform/email-platform.ts';
import { AppError, isAppError } from '../../core/shared/app-error.ts';
import type { Clock } from '../../core/shared/clock.ts';
import { to, type Address, type Unrepeatable } from './address.ts';
import { callMailchimp, neverAnswered, type Call } from './call-mailchimp.ts';
import { AUTHORIZE_PATH, ENDPOINTS } from './endpoints.ts';
import { readRoot } from './mailchimp-account.ts';
import { classify, type MailchimpAnswer } from './mailchimp-errors.ts';
import { apiBaseUrl, type MailchimpHosts } from './mailchimp-hosts.ts';
import { metadataAnswer, metadataError, tokenAnswer } from './mailchimp-schemas.ts';

/** Of the answer only the status: its words may repeat what was sent. */
const failed = (reason: string, status: number | null, clock: Clock): AppError =>
  new AppError('connection_failed', 'Mailchimp did not complete the connection.', {
    reason,
    vendor: { ...neverAnswered(clock), status },
  });

/** One call while there is no connection yet, never repeated. @throws AppError `connection_failed` without an answer */
async function ask(
  clock: Clock,
  host: string,
  address: Address<Unrepeatable>,
  details: Pick<Call, 'authorization' | 'body'>,
): Promise<MailchimpAnswer> {
  try {
    const { timeoutMs } = ENDPOINTS[address.endpoint];
    return (await callMailchimp({ ...details, clock, host, address, timeoutMs })).answer;
  } catch (error) {
    throw isAppError(error) ? failed('Mailchimp did not answer.', null, clock) : error;
  }
}

/**
 * The account's metadata. Mailchimp answers 200 with `error` for a dead token, so the fields decide, not the status.
 * @throws AppError `invalid_token` for a dead token, `connection_failed` when nobody can tell
 */
async function readMetadata(clock: Clock, hosts: MailchimpHosts, token: string): Promise<z.infer<typeof metadataAnswer>> {
  const answer = await ask(clock, hosts.loginUrl, to('readMetadata'), { authorization: `OAuth ${token}` });
  const isError = metadataError.safeParse(answer.json).success;
  const metadata = metadataAnswer.safeParse(answer.json);
  if (classify(answer) === 'ok' && metadata.success && !isError) return metadata.data;
  if (isError || answer.status === 401) throw new AppError('invalid_token', 'Mailchimp says that the token is dead.');
  throw failed('Mailchimp gave no metadata for the account.', answer.status, clock);
}

/**
 * Where the account of a refused token lives now. A login host that is down explains nothing: then later may help.
 * @throws AppError `invalid_token` for a dead token, `vendor_unavailable` when nobody can tell
 */
export async function confirmToken(clock: Clock, hosts: MailchimpHosts, token: string): Promise<string> {
  try {
    return apiBaseUrl(await readMetadata(clock, hosts, token), hosts);
  } catch (error) {
    if (!isAppError(error, 'connection_failed')) throw error;
    throw new AppError('vendor_unavailable', 'Mailchimp did not say whether the token lives.', error.extras);
  }
}

/** How the vendor says that it does not know the app's secret, which is not the fault of whoever consented. */
const isClientRefused = ({ status, json }: MailchimpAnswer): boolean => {
  const error = metadataError.safeParse(json);
  return status === 401 && error.success && error.data.error === 'invalid_client';
};

/**
 * @param options `app`: the Mailchimp app's id and secret, read when they are needed; `fresh` when those that are kept were refused,
 * because the secret was replaced a moment ago
 */
export function openMailchimpOAuth(options: {
  clock: Clock;
  hosts: MailchimpHosts;
  app: (how?: 'fresh') => Promise<{ clientId: string; clientSecret: string }>;
}): OAuthPlatform {
  const { clock, hosts, app } = options;
  return {
    id: 'mailchimp',

    // Mailchimp documents no PKCE: the parameters are sent all the same, and change nothing where they are not known.
    async authorizeUrl({ state, redirectUri, codeChallenge }) {
      const { clientId } = await app();
      const url = new URL(hosts.loginUrl + AUTHORIZE_PATH);
      url.search = new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        state,
        ...(codeChallenge !== null && { code_challenge: codeChallenge, code_challenge_method: 'S256' }),
      }).toString();
      return url.href;
    },

    // `expires_in: 0` means never.
    async exchangeCode({ code, redirectUri, codeVerifier }) {
      const exchange = ({ clientId, clientSecret }: Awaited<ReturnType<typeof app>>): Promise<MailchimpAnswer> =>
        ask(clock, hosts.loginUrl, to('exchangeCode'), {
          body: new URLSearchParams({
            grant_type: 'authorization_code',
            client_id: clientId,
            client_secret: clientSecret,
            redirect_uri: redirectUri,
            code,
            ...(codeVerifier !== null && { code_verifier: codeVerifier }),
          }),
        });
      const held = await app();
      let answer = await exchange(held);
      if (isClientRefused(answer)) {
        const stored = await app('fresh');
        // The same secret would be refused again.
        if (stored.clientSecret !== held.clientSecret) answer = await exchange(stored);
      }
      const token = tokenAnswer.safeParse(answer.json);
      if (classify(answer) !== 'ok' || !token.success)
        throw failed('Mailchimp refused to exchange the code.', answer.status, clock);
      return token.data.access_token;
    },

    async readAccount(token): Promise<VendorAccount> {
      const metadata = await readMetadata(clock, hosts, token).catch((error: unknown) => {
        if (isAppError(error, 'invalid_token')) throw failed('Mailchimp did not accept the new token.', 200, clock);
        throw error;
      });
      const apiEndpoint = apiBaseUrl(metadata, hosts);
      const { status, root } = await readRoot((address) =>
        ask(clock, apiEndpoint, address, { authorization: `Bearer ${token}` }),
      );
      if (!root) throw failed('Mailchimp did not say whose account it is.', status, clock);
      const loginId = metadata.login?.login_id ?? root.login_id ?? metadata.user_id ?? root.account_id;
      return {
        accountId: root.account_id,
        accountName: root.account_name ?? metadata.accountname ?? root.account_id,
        vendorUser: `mailchimp-${loginId}`,
        apiEndpoint,
      };
    },
  };
}
