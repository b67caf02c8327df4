export type FunctionFailure = 'failed' | 'timed_out' | 'crashed' | 'stopped' | 'too_large' | 'request_too_large';

/** An invocation that gave no answer. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
  readonly failure: FunctionFailure;
  constructor(failure: FunctionFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}
