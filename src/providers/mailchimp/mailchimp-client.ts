import { backOff } from 'exponential-backoff';
import pLimit from 'p-limit';
import type * as z from 'zod';
import { AppError } from '../../core/shared/app-error.ts';
import { SECOND, type Clock } from '../../core/shared/clock.ts';
import type { Address, Repeatable, Unrepeatable } from './address.ts';
import { callMailchimp, neverAnswered, type CallDetails } from './call-mailchimp.ts';
import { ENDPOINTS, type Endpoint } from './endpoints.ts';
import { classify, toAppError, type MailchimpAnswer } from './mailchimp-errors.ts';

export interface MailchimpClientOptions {
  token: string;
  /** Scheme and host. */
  baseUrl: string;
  maxInFlight: number;
  /** Of one call, in ms, unless its endpoint says otherwise. Mailchimp itself cuts a call at 120 s. */
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

/** How often a call may be made in all, and how long is waited between two of them, at most, in ms. */
export const RETRIES = { most: 6, firstDelayMs: SECOND / 2, longestDelayMs: 8 * SECOND } as const;

/**
 * The one place for an account's calls: authentication, the limit of calls in flight, retries, and what an answer means.
 * Where they go and whether they may be repeated is in the table of endpoints.
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
  async request<T extends z.ZodType>(schema: T, address: Address<Repeatable>, details: CallDetails = {}): Promise<z.output<T>> {
    const answer = await this.answered(address, details);
    const parsed = schema.safeParse(answer.json);
    if (!parsed.success)
      throw new AppError('vendor_unavailable', 'Mailchimp answered in a form we do not know.', {
        vendor: toAppError('vendor_unavailable', answer).extras.vendor ?? neverAnswered(this.options.clock),
      });
    return parsed.data;
  }

  /** One call whose answer tells nothing more than that it was done. @throws AppError */
  async command(address: Address<Repeatable>, details: CallDetails = {}): Promise<void> {
    await this.answered(address, details);
  }

  /** One call, never repeated; every answer is returned, only silence throws. For what must happen at most once. */
  async once(address: Address<Unrepeatable>, details: CallDetails = {}): Promise<MailchimpAnswer> {
    return this.limit(() => this.call(address, details));
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

  private async answered(address: Address<Repeatable>, details: CallDetails): Promise<MailchimpAnswer> {
    const giveUpAt = Date.now() + this.options.retryWithinMs;
    const { repeat } = ENDPOINTS[address.endpoint];
    return backOff(() => this.limit(() => this.attempt(address, details)), {
      numOfAttempts: RETRIES.most,
      startingDelay: RETRIES.firstDelayMs,
      maxDelay: RETRIES.longestDelayMs,
      jitter: 'full',
      retry: (error: unknown) => {
        if (!(error instanceof AppError) || Date.now() >= giveUpAt || this.options.clock.now() >= this.options.until)
          return false;
        // A 429 with a body proves that nothing was done; anything else may have been.
        const refusedUnread = error.extras.vendor?.status === 429 && error.extras.vendor.title !== null;
        return error.retryable && (refusedUnread || repeat === 'safe');
      },
    });
  }

  private async attempt(address: Address, details: CallDetails): Promise<MailchimpAnswer> {
    const answer = await this.call(address, details);
    const meaning = classify(answer);
    if (meaning === 'ok') return answer;
    if (meaning !== 'wrong_host_or_token') throw toAppError(meaning, answer);
    await this.explainRefusal(answer);
    const again = await this.call(address, details);
    const second = classify(again);
    if (second === 'ok') return again;
    throw toAppError(second === 'wrong_host_or_token' ? 'api_endpoint_error' : second, again);
  }

  private async call(address: Address, details: CallDetails): Promise<MailchimpAnswer> {
    const { token, timeoutMs, clock, until, onCall } = this.options;
    const endpoint: Endpoint = ENDPOINTS[address.endpoint];
    const { answer, vendorNow } = await callMailchimp({
      ...details,
      address,
      host: this.baseUrl,
      authorization: `Bearer ${token}`,
      timeoutMs: details.timeoutMs ?? endpoint.timeoutMs ?? timeoutMs,
      until,
      clock,
      onBegin: onCall,
    });
    this.vendorNow = vendorNow ?? this.vendorNow;
    return answer;
  }
}
