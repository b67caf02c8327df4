import { ERRORS, type ErrorCode } from './errors.ts';

/** What a vendor said, in its own words. `detail` has been freed of addresses where it is stored. */
export interface VendorProblem {
  status: number | null;
  title: string | null;
  detail: string | null;
  instance: string | null;
  requestId: string | null;
  at: string;
}

export interface FieldProblem {
  field: string;
  message: string;
}

interface AppErrorExtras {
  /** Input problems, one per field. */
  errors?: readonly FieldProblem[];
  vendor?: VendorProblem;
  /** Replaces the catalogue's general cause or fix by a precise one. */
  reason?: string;
  fix?: string;
  /** Ids that help the caller go on, such as `campaignId`. Never an address or a secret. */
  extra?: Readonly<Record<string, string | number>>;
  /** A pre-flight refused: the request was understood and names what exists, so it is 422 whatever the code is elsewhere. */
  refusedByPreflight?: true;
  /** What was asked for may have happened: a repetition with the same Idempotency-Key gets this answer and does nothing. */
  mayHaveHappened?: true;
  /** How long a caller should wait before it asks again, in seconds. */
  retryAfterSeconds?: number;
}

/** The one error this code base throws on purpose. Anything else is a bug and becomes a 500. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly extras: AppErrorExtras;

  constructor(code: ErrorCode, message: string, extras: AppErrorExtras = {}) {
    super(message);
    this.code = code;
    this.extras = extras;
  }

  get reason(): string {
    return this.extras.reason ?? ERRORS[this.code].cause;
  }

  get fix(): string {
    return this.extras.fix ?? ERRORS[this.code].fix;
  }

  /** Whether doing the same again later may succeed. Never a licence to repeat a send. */
  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

export const isAppError = (error: unknown, ...codes: readonly ErrorCode[]): error is AppError =>
  error instanceof AppError && (codes.length === 0 || codes.includes(error.code));

/** One bad field of a request: 400 with its name. */
export const invalidInput = (field: string, message: string): AppError =>
  new AppError('invalid_input', `${field} ${message}.`, { errors: [{ field, message }] });

export const notFound = (what: string): AppError => new AppError('not_found', `There is no such ${what}.`);
