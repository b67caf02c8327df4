import { AppError } from '../core/shared/app-error.ts';

const OURS = new Set([
  'ConditionalCheckFailedException',
  'ResourceNotFoundException',
  'ValidationException',
  'AccessDeniedException',
  'ResourceExistsException',
]);
const NETWORK = new Set([
  'AbortError',
  'TimeoutError',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : error.name);

/** Whether AWS said later, or nothing at all. What we asked wrongly is a bug and stays one. */
const isPassing = (error: unknown): boolean => {
  if (!(error instanceof Error) || OURS.has(error.name)) return false;
  return (
    ('$fault' in error && error.$fault === 'server') ||
    /Throttl|ProvisionedThroughput|RequestLimit|TooManyRequests/.test(error.name) ||
    NETWORK.has(codeOf(error))
  );
};

/**
 * One call of AWS, after the SDK's own retries. @throws AppError `service_unavailable` when the store is busy or away,
 * so that a request is answered 503, a webhook is delivered again, and a run comes back later
 */
export async function fromStore<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (isPassing(error)) throw new AppError('service_unavailable', 'A store did not answer.', { retryAfterSeconds: 2 });
    throw error;
  }
}
