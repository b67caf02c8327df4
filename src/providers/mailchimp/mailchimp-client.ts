import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { isAxiosError } from 'axios';
import { backOff } from 'exponential-backoff';
import pLimit from 'p-limit';
import type * as z from 'zod';
import { AppError } from '../../core/shared/app-error.ts';
import { SECOND, toIso, type Clock } from '../../core/shared/clock.ts';
import { classify, toAppError, type MailchimpAnswer } from './mailchimp-errors.ts';
import { NoTimeLeft } from './no-time-left.ts';

export interface MailchimpClientOptions {
  token: string;
  /** Scheme and host; paths begin with `/3.0`. */
  baseUrl: string;
  maxInFlight: number;
  /** Of one call, in ms. Mailchimp itself cuts a call at 120 s. */
  timeoutMs: number;
  /** No call lasts longer than this, ms since the epoch. */
  until: number;
  /** How long one request may be tried again while the vendor is busy, in ms. */
  retryWithinMs: number;
  clock: Clock;
  /** Asked once when the API refuses the token: the account's present host. @throws AppError `invalid_token` when it is dead */
  confirmToken: () => Promise<string>;
  /** Told at each 401. */
  onRefused: () => void;
  /** Told when the account lives at another host now. */
  onEndpointMoved: (apiEndpoint: string) => Promise<void>;
  /** Hosts may not be followed: every call goes to `baseUrl`. */
  fixedHost: boolean;
  /** Told of each call that is begun. */
  onCall?: (() => void) | undefined;
}

export interface MailchimpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Behind `/3.0`. */
  path: string;
  params?: Record<string, string | number | boolean | undefined>;
  data?: unknown;
  timeoutMs?: number;
}

// Connections are kept open between calls: a new one costs two round trips.
const agents = { httpAgent: new HttpAgent({ keepAlive: true }), httpsAgent: new HttpsAgent({ keepAlive: true }) };
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** How the HTTP library says that we did not wait any longer. */
const TIMED_OUT = new Set(['ECONNABORTED', 'ETIMEDOUT', 'ERR_CANCELED']);

/** Repeating these can do no harm. Creating and sending are not among them. */
const isRepeatable = (method: MailchimpRequest['method']): boolean => method === 'GET' || method === 'PUT' || method === 'DELETE';

const parseJson = (text: unknown): unknown => {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    return undefined;
  }
};

/**
 * The one place that calls Mailchimp's API for one connection: authentication, time-outs, the limit of calls in
 * flight, retries, and what an answer means.
 */
export class MailchimpClient {
  private readonly options: MailchimpClientOptions;
  private readonly limit: ReturnType<typeof pLimit>;
  private baseUrl: string;
  /** What the vendor said of the refused token: asked once for all the work that this client does. */
  private confirmed: Promise<string> | undefined;
  /** The vendor's clock as of its latest answer, ms since the epoch. */
  vendorNow: number | null = null;

  constructor(options: MailchimpClientOptions) {
    this.options = options;
    this.baseUrl = options.baseUrl;
    this.limit = pLimit(options.maxInFlight);
  }

  /** One read or write that is answered with JSON of the given shape. @throws AppError */
  async request<T extends z.ZodType>(schema: T, request: MailchimpRequest): Promise<z.output<T>> {
    const answer = await this.answered(request);
    const parsed = schema.safeParse(answer.json);
    if (!parsed.success)
      throw new AppError('vendor_unavailable', 'Mailchimp answered in a form we do not know.', {
        vendor: toAppError('vendor_unavailable', answer).extras.vendor ?? neverAnswered(this.options.clock),
      });
    return parsed.data;
  }

  /** One write whose answer has no body. @throws AppError */
  async command(request: MailchimpRequest): Promise<void> {
    await this.answered(request);
  }

  /** One call, never repeated; every answer is returned, only silence throws. For what must happen at most once. */
  async once(request: MailchimpRequest): Promise<MailchimpAnswer> {
    return this.limit(() => this.call(request));
  }

  /** Why the API refuses the token: it is dead, or the account is elsewhere. @throws AppError */
  async explainRefusal(answer: MailchimpAnswer): Promise<'moved'> {
    this.options.onRefused();
    this.confirmed ??= this.options.confirmToken().catch((error: unknown) => {
      // Nobody could tell: the next refusal may ask again.
      if (!(error instanceof AppError && error.code === 'invalid_token')) this.confirmed = undefined;
      throw error;
    });
    const apiEndpoint = await this.confirmed;
    if (this.options.fixedHost || apiEndpoint === answer.host) throw toAppError('api_endpoint_error', answer);
    if (this.baseUrl !== apiEndpoint) {
      this.baseUrl = apiEndpoint;
      await this.options.onEndpointMoved(apiEndpoint);
    }
    return 'moved';
  }

  private async answered(request: MailchimpRequest): Promise<MailchimpAnswer> {
    const giveUpAt = Date.now() + this.options.retryWithinMs;
    return backOff(() => this.limit(() => this.attempt(request)), {
      numOfAttempts: 6,
      startingDelay: SECOND / 2,
      maxDelay: 8 * SECOND,
      jitter: 'full',
      retry: (error: unknown) => {
        if (!(error instanceof AppError) || Date.now() >= giveUpAt || this.options.clock.now() >= this.options.until)
          return false;
        // A 429 with a body proves that nothing was done; anything else may have been, so only repeatable calls go again.
        const refusedUnread = error.extras.vendor?.status === 429 && error.extras.vendor.title !== null;
        return error.retryable && (refusedUnread || isRepeatable(request.method));
      },
    });
  }

  private async attempt(request: MailchimpRequest): Promise<MailchimpAnswer> {
    const answer = await this.call(request);
    const meaning = classify(answer);
    if (meaning === 'ok') return answer;
    if (meaning !== 'wrong_host_or_token') throw toAppError(meaning, answer);
    await this.explainRefusal(answer);
    const again = await this.call(request);
    const second = classify(again);
    if (second === 'ok') return again;
    throw toAppError(second === 'wrong_host_or_token' ? 'api_endpoint_error' : second, again);
  }

  private async call({ method, path, params, data, timeoutMs }: MailchimpRequest): Promise<MailchimpAnswer> {
    const { token, clock, until } = this.options;
    const host = this.baseUrl;
    const patience = timeoutMs ?? this.options.timeoutMs;
    const timeout = Math.min(patience, until - clock.now());
    const noTimeLeft = () =>
      new NoTimeLeft('vendor_unavailable', 'There was no time left to ask Mailchimp.', { vendor: neverAnswered(clock) });
    if (timeout <= 0) throw noTimeLeft();
    this.options.onCall?.();
    try {
      const response = await axios.request<unknown>({
        ...agents,
        method,
        baseURL: `${host}/3.0`,
        url: path,
        ...(params && { params }),
        ...(data !== undefined && { data }),
        headers: { Authorization: `Bearer ${token}` },
        timeout,
        signal: AbortSignal.timeout(timeout),
        // A redirect could carry the token to another host.
        maxRedirects: 0,
        maxContentLength: MAX_ANSWER_BYTES,
        proxy: false,
        responseType: 'text',
        transformResponse: (body: unknown) => body,
        validateStatus: () => true,
      });
      const date = Date.parse(String(response.headers['date'] ?? ''));
      if (!Number.isNaN(date)) this.vendorNow = date;
      const json = parseJson(response.data);
      const requestId: unknown = response.headers['x-request-id'];
      return {
        host,
        status: response.status,
        requestId: typeof requestId === 'string' ? requestId : null,
        json,
        isPage: json === undefined && response.data !== '' && response.data !== null,
        at: toIso(clock.now()),
      };
    } catch (error) {
      // The error itself is dropped: its configuration carries the token.
      if (!isAxiosError(error)) throw error;
      if (timeout < patience && TIMED_OUT.has(error.code ?? '')) throw noTimeLeft();
      const code = error.code === 'ENOTFOUND' ? 'api_endpoint_error' : 'vendor_unavailable';
      throw new AppError(code, `Mailchimp did not answer (${error.code ?? 'no reason given'}).`, {
        vendor: neverAnswered(clock),
      });
    }
  }
}

const neverAnswered = (clock: Clock) => ({
  status: null,
  title: null,
  detail: null,
  instance: null,
  requestId: null,
  at: toIso(clock.now()),
});
