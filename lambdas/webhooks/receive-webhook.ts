import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { WEBHOOK_PATH } from '../../src/contract/manifest.ts';
import { isAppError } from '../../src/core/shared/app-error.ts';
import { faultOf, firstFrame } from '../../src/core/shared/failure-reason.ts';
import { LOG_FIELDS } from '../../src/core/shared/log-fields.ts';
import type { DimensionsOf } from '../../src/core/shared/metrics.ts';
import { answerProbe, receiveDelivery, type Verdict } from '../../src/core/webhook/receive-delivery.ts';
import { mailchimpWebhook } from '../../src/providers/mailchimp/mailchimp-webhook.ts';
import { log } from '../../src/runtime/logger.ts';
import { metrics } from '../../src/runtime/metrics.ts';
import { composeStorage } from '../shared/compose-storage.ts';
import { observed } from '../shared/observed.ts';
import { rawBodyOf } from '../shared/route-handler.ts';
import { SECURITY_HEADERS } from '../shared/security-headers.ts';
import { answerWithin } from './answer-within.ts';

/**
 * 503 asks the vendor to come again; 410 tells it that nobody will ever listen here again. 400 is for what was neither read nor kept:
 * it comes again too, and is never taken for acknowledged.
 */
const STATUS: Record<Verdict, number> = {
  ok: 200,
  unreadable: 400,
  stale: 401,
  forged: 401,
  unknown: 404,
  gone: 410,
  not_yet: 503,
};

/** The vendor gives up after 10 s and the function ends after 9: a store that hangs must not be heard as silence. */
const ANSWER_WITHIN_MS = 7_000;

/** The route takes every platform's path; there is no other platform that tells anything. */
const isOurs = (path: string): boolean => path === WEBHOOK_PATH || path.startsWith(`${WEBHOOK_PATH}/`);
/** Of the registered form `…/mailchimp/{hookId}/`; the form without an id has none. */
const hookIdOf = (path: string): string | undefined =>
  path
    .slice(WEBHOOK_PATH.length)
    .split('/')
    .find((part) => part !== '');

let app: ReturnType<typeof compose> | undefined;
const compose = () => ({ ...composeStorage(), webhookAdapter: mailchimpWebhook });

interface Outcome {
  status: number;
  /** What a delivery is counted as; nothing of a probe that was answered. */
  verdict?: DimensionsOf<'WebhookDeliveries'>['verdict'];
}

async function receive(event: APIGatewayProxyEventV2): Promise<Outcome> {
  if (!isOurs(event.rawPath)) return { status: 404 };
  app ??= compose();
  const { method } = event.requestContext.http;
  const secret = event.queryStringParameters?.['secret'] ?? '';
  const hookId = hookIdOf(event.rawPath);
  if (method === 'GET' || method === 'HEAD') return { status: STATUS[await answerProbe(app, secret, hookId)] };
  if (method !== 'POST') return { status: 405 };
  const verdict = await receiveDelivery(app, {
    secret,
    hookId,
    rawBody: rawBodyOf(event),
    signature: event.headers['x-mailchimp-signature'],
    // Real time, from the gateway: what a signature's age is judged by.
    receivedAtMs: event.requestContext.timeEpoch,
  });
  return { status: STATUS[verdict], verdict };
}

/** Mailchimp comes at any hour, twice, out of order. It hears yes only when what it said is stored. */
const respond = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  const named = hookIdOf(event.rawPath);
  // Anybody can name anything in a path; what is no id of a hook is no matter for the log.
  const knownHookId = named !== undefined && LOG_FIELDS.hookId.pattern.test(named) ? named : undefined;
  // Whatever went wrong, it is not stored: never anything but 5xx, which brings the vendor back.
  const received = receive(event).catch((error: unknown): Outcome => {
    const known = isAppError(error);
    log[known ? 'warn' : 'error']('webhook.failed', {
      hookId: knownHookId,
      code: known ? error.code : 'internal_error',
      fault: faultOf(error),
      where: firstFrame(error),
    });
    return { status: 503, verdict: 'failed' };
  });
  const outcome = await answerWithin(ANSWER_WITHIN_MS, received);
  if (outcome === 'late') log.warn('webhook.late', { hookId: knownHookId });
  const { status, verdict }: Outcome = outcome === 'late' ? { status: 503, verdict: 'late' } : outcome;
  // Here, once: work that comes to its end after its answer would be counted again, among those of the next invocation.
  if (verdict) metrics.add('WebhookDeliveries', { verdict });
  log.info('webhook.answered', { route: event.routeKey, requestId: event.requestContext.requestId, status });
  return {
    statusCode: status,
    headers: { ...SECURITY_HEADERS, 'content-type': 'text/plain; charset=utf-8' },
    body: status === 200 ? 'ok' : '',
  };
};

const answer = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>().handler(respond);

export const handler = observed(answer, ({ requestContext }) => requestContext.requestId);
