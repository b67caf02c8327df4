import type * as z from 'zod';
import { AppError, type VendorProblem } from '../../core/shared/app-error.ts';
import type { ErrorCode } from '../../core/shared/errors.ts';
import { withoutAddresses } from '../../core/shared/without-addresses.ts';
import { problemAnswer } from './mailchimp-schemas.ts';

/** One answer of the vendor as it came over the wire. */
export interface MailchimpAnswer {
  /** Scheme and host that was asked. */
  host: string;
  status: number;
  requestId: string | null;
  /** `undefined` when the body is not JSON: an HTML page of a proxy, a cut body, nothing. */
  json: unknown;
  /** Whether there was a body that is not JSON. */
  isPage: boolean;
  at: string;
}

/** `ComplianceRelated` of the vendor's glossary: the method is disabled for the account. */
const COMPLIANCE = /compliance\W*related/i;

const problemOf = (answer: MailchimpAnswer): z.infer<typeof problemAnswer> | undefined => {
  const parsed = problemAnswer.safeParse(answer.json);
  return parsed.success ? parsed.data : undefined;
};

export function toVendorProblem(answer: MailchimpAnswer): VendorProblem {
  const problem = problemOf(answer);
  const fields = problem?.errors?.map(({ field, message }) => `${field ? `${field}: ` : ''}${message ?? ''}`).join(' ');
  return {
    status: answer.status,
    title: problem?.title ?? null,
    // Mailchimp quotes addresses in its details; ours are stored and shown.
    detail: withoutAddresses([problem?.detail, fields].filter(Boolean).join(' ')) || null,
    instance: problem?.instance ?? null,
    requestId: answer.requestId ?? problem?.instance ?? null,
    at: answer.at,
  };
}

/**
 * What an answer means to us. Status and body decide together: a 403 without JSON is throttling, one with JSON is a
 * right that is missing. `wrong_host_or_token` needs a look at the metadata before anybody knows more.
 * Source: https://mailchimp.com/developer/marketing/docs/errors/
 */
export function classify(answer: MailchimpAnswer): ErrorCode | 'wrong_host_or_token' | 'ok' {
  const { status } = answer;
  const problem = problemOf(answer);
  // A page with 200 is somebody else's answer: a proxy's, or a sign that says closed.
  if (status >= 200 && status < 300) return answer.isPage ? 'vendor_unavailable' : 'ok';
  if (status === 401) return 'wrong_host_or_token';
  if (status === 403) {
    if (answer.json === undefined) return 'vendor_rate_limited';
    if (problem?.title === 'User Disabled') return 'account_disabled';
    if (problem?.title === 'Wrong Datacenter') return 'wrong_host_or_token';
    return 'plan_lacks_feature';
  }
  if (status === 429) return 'vendor_rate_limited';
  if (status === 503 && problem?.title && COMPLIANCE.test(problem.title)) return 'account_paused';
  if (status >= 500 || status < 400) return 'vendor_unavailable';
  if (problem?.detail?.includes('not ready to send')) return 'campaign_not_ready';
  if (problem?.errors?.some(({ field }) => field?.includes('list_id'))) return 'list_not_found';
  if (problem?.errors?.some(({ field }) => field?.endsWith('url')) || problem?.detail?.includes("couldn't verify the URL"))
    return 'webhook_rejected';
  return 'vendor_rejected';
}

export const toAppError = (code: ErrorCode, answer: MailchimpAnswer): AppError =>
  new AppError(code, `Mailchimp answered ${answer.status}.`, {
    vendor: toVendorProblem(answer),
    ...(code === 'vendor_rate_limited' && { retryAfterSeconds: 60 }),
  });

export const isVendorStatus = (error: unknown, ...statuses: readonly number[]): boolean =>
  error instanceof AppError && statuses.includes(error.extras.vendor?.status ?? 0);

/** @throws AppError `list_not_found` for a deleted audience, below whose path everything is a 404 */
export const withListNotFound = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    if (isVendorStatus(error, 404) && error instanceof AppError)
      throw new AppError('list_not_found', 'Mailchimp has no such audience.', error.extras);
    throw error;
  });
