/**
 * How long one call of an AWS service may take, in ms; the client's `maxAttempts` bounds the repetitions. Without the last
 * word the SDK only warns of a request that takes too long, and waits on.
 */
export const REQUEST_LIMITS = { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true } as const;
