import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Route } from '../../src/contract/route.ts';
import { AppError, invalidInput, isAppError } from '../../src/core/shared/app-error.ts';
import { derivedUlid } from '../../src/core/sync/sync-run.ts';
import type { IdempotencyStore, KeptAnswer } from '../../src/storage/idempotency-store.ts';
import { rawBodyOf, type Call } from './route-handler.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

export interface IdempotentDeps {
  idempotency: IdempotencyStore;
}

type Result = APIGatewayProxyStructuredResultV2;
const KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * Runs a request at most once per `Idempotency-Key`: the same key gives the same answer for 24 hours. Refusals are
 * kept like successes; a fault is not, so that the same key may try again, unless what was asked for may have happened.
 */
export async function idempotently(
  { idempotency }: IdempotentDeps,
  route: Route,
  call: Call,
  run: (operation: { ulid: string; isRepeat: boolean } | null) => Promise<Result>,
  toProblemResult: (error: unknown) => Result,
): Promise<Result> {
  const key = call.event.headers['idempotency-key'];
  if (key === undefined || !call.caller) return run(null);
  if (!KEY.test(key)) throw invalidInput('Idempotency-Key', 'must be 1 to 200 visible characters');
  const { tenantId } = call.caller;
  const request = JSON.stringify([
    route.method,
    route.path,
    call.event.pathParameters ?? {},
    rawBodyOf(call.event).toString('base64'),
  ]);
  const begun = await idempotency.begin(tenantId, key, request);
  if (begun === 'in_flight')
    throw new AppError('idempotency_key_in_flight', 'The first request with this key is not answered yet.', {
      retryAfterSeconds: 1,
    });
  if (begun === 'reused') throw new AppError('idempotency_key_reused', 'The key belongs to another request.');
  if ('answer' in begun) return replayed(begun.answer);
  const { operation } = begun;
  try {
    // The id of what the request makes follows from the key: a repetition finds it instead of making another.
    const result = await run({ ulid: derivedUlid(operation.begunAtMs, tenantId, key), isRepeat: operation.isRepeat });
    await idempotency.finish(tenantId, key, request, operation, kept(result));
    return result;
  } catch (error) {
    const result = toProblemResult(error);
    const mayHaveHappened = isAppError(error) && error.extras.mayHaveHappened === true;
    // Nothing was begun: the request may be mended and sent with the same key.
    if (result.statusCode === 400 && !operation.isRepeat) await idempotency.release(tenantId, key, operation);
    else if ((result.statusCode ?? 500) >= 500 && !mayHaveHappened) await idempotency.abandon(tenantId, key, request, operation);
    else await idempotency.finish(tenantId, key, request, operation, kept(result));
    throw error;
  }
}

/** What is kept is status and body: the headers are made anew, as they were for the first answer. */
const replayed = (answer: KeptAnswer): Result => ({
  ...answer,
  headers: {
    ...SECURITY_HEADERS,
    ...(answer.body !== undefined && {
      'content-type': `application/${answer.statusCode < 400 ? 'json' : 'problem+json'}; charset=utf-8`,
    }),
    'idempotent-replay': 'true',
  },
});

const kept = ({ statusCode, body }: Result) => ({ statusCode: statusCode ?? 200, ...(body !== undefined && { body }) });
