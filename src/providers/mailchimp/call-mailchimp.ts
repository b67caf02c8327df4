import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { isAxiosError } from 'axios';
import { AppError, type VendorProblem } from '../../core/shared/app-error.ts';
import { toIso, type Clock } from '../../core/shared/clock.ts';
import type { Address } from './address.ts';
import { API_VERSION, ENDPOINTS, type Endpoint } from './endpoints.ts';
import type { MailchimpAnswer } from './mailchimp-errors.ts';
import { NoTimeLeft } from './no-time-left.ts';
import { watched } from './watch-call.ts';

/** What goes with a call besides its address. */
export interface CallDetails {
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON; a form as a form. */
  body?: unknown;
  /** How long it may take, in ms, where that is neither what its endpoint says nor what the lane allows. */
  timeoutMs?: number | undefined;
}

export interface Call extends CallDetails {
  address: Address;
  /** Scheme and host that is asked. */
  host: string;
  authorization?: string;
  /** How long it is waited for the answer, in ms. */
  timeoutMs: number;
  /** When nobody waits any more, ms since the epoch. */
  until?: number;
  clock: Clock;
  /** Told when the call is begun. */
  onBegin?: (() => void) | undefined;
}

const MAX_ANSWER_BYTES = { api: 64 * 1024 * 1024, login: 1024 * 1024 } as const satisfies Record<Endpoint['host'], number>;

/** How the HTTP library says that we did not wait any longer. */
const TIMED_OUT = new Set(['ECONNABORTED', 'ETIMEDOUT', 'ERR_CANCELED']);

// Connections are kept open between calls: a new one costs two round trips.
const kept = { httpAgent: new HttpAgent({ keepAlive: true }), httpsAgent: new HttpsAgent({ keepAlive: true }) };
// One that was kept may be closed by the time it is used. What is never repeated is not lost to that.
const fresh = { httpAgent: new HttpAgent(), httpsAgent: new HttpsAgent() };

const parseJson = (text: unknown): unknown => {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    return undefined;
  }
};

/** A problem without an answer. */
export const neverAnswered = (clock: Clock): VendorProblem => ({
  status: null,
  title: null,
  detail: null,
  instance: null,
  requestId: null,
  at: toIso(clock.now()),
});

/**
 * The one place where Mailchimp is called, its login host and the accounts' hosts alike: time-outs, the size of answers, no
 * redirects. One call, never repeated here. Whatever is answered is returned.
 * @returns the answer, and the vendor's clock as its `Date` tells it, ms since the epoch
 * @throws NoTimeLeft when our own time is over, before that of the call is
 * @throws AppError `vendor_unavailable` without an answer, `api_endpoint_error` without such a host
 */
export async function callMailchimp(call: Call): Promise<{ answer: MailchimpAnswer; vendorNow: number | null }> {
  const { address, host, authorization, query, body, timeoutMs, until = Infinity, clock, onBegin } = call;
  const endpoint: Endpoint = ENDPOINTS[address.endpoint];
  const noTimeLeft = () =>
    new NoTimeLeft('vendor_unavailable', 'There was no time left to ask Mailchimp.', { vendor: neverAnswered(clock) });
  const timeout = Math.min(timeoutMs, until - clock.now());
  if (timeout <= 0) throw noTimeLeft();
  onBegin?.();
  try {
    const response = await watched(endpoint, () =>
      axios.request<unknown>({
        ...(endpoint.repeat === 'never' ? fresh : kept),
        method: endpoint.method,
        baseURL: endpoint.host === 'api' ? host + API_VERSION : host,
        url: address.path,
        ...(query && { params: query }),
        ...(body !== undefined && { data: body }),
        headers: { ...(authorization !== undefined && { Authorization: authorization }) },
        timeout,
        signal: AbortSignal.timeout(timeout),
        // A redirect could carry the token to another host.
        maxRedirects: 0,
        maxContentLength: MAX_ANSWER_BYTES[endpoint.host],
        proxy: false,
        responseType: 'text',
        transformResponse: (text: unknown) => text,
        validateStatus: () => true,
      }),
    );
    const date = Date.parse(String(response.headers['date'] ?? ''));
    const json = parseJson(response.data);
    const requestId: unknown = response.headers['x-request-id'];
    const answer = {
      host,
      status: response.status,
      requestId: typeof requestId === 'string' ? requestId : null,
      json,
      isPage: json === undefined && response.data !== '' && response.data !== null,
      at: toIso(clock.now()),
    };
    return { answer, vendorNow: Number.isNaN(date) ? null : date };
  } catch (error) {
    // The error itself is dropped: its configuration carries the token, or the secret of the app.
    if (!isAxiosError(error)) throw error;
    if (timeout < timeoutMs && TIMED_OUT.has(error.code ?? '')) throw noTimeLeft();
    const code = error.code === 'ENOTFOUND' ? 'api_endpoint_error' : 'vendor_unavailable';
    throw new AppError(code, `Mailchimp did not answer (${error.code ?? 'no reason given'}).`, { vendor: neverAnswered(clock) });
  }
}
