import { Duration } from 'aws-cdk-lib';
import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { METRICS } from '../../src/contract/service-metrics.ts';
import type { AlarmSet } from './alarm-set.ts';
import { percentOf, sumOf } from './metric-math.ts';
import type { OwnMetric } from './own-metric.ts';
import type { ServiceApi } from './service-api.ts';

const FIVE_MINUTES = Duration.minutes(5);
const SUM = { period: FIVE_MINUTES, statistic: Stats.SUM };
/** Fewer are a store's bad moment; of many calls one in a hundred is a fault that everybody feels. Bugs ring at the first. */
const FAILURES_AT_LEAST = 10;
const FAILURES_PERCENT = 1;
/**
 * A stage of ten tenants may hear of one opt-out in an hour, and what is refused comes again a handful of times in the 75 minutes of
 * Mailchimp: so two refusals within an hour ring, however few there are. One that is heard five minutes later is nobody's matter.
 */
const REFUSED = { threshold: 1, periods: 12, bad: 2 };
type Verdict = (typeof METRICS.WebhookDeliveries.dimensions.verdict)[number];
/** What is answered 503, so that it comes again. */
const REFUSALS: readonly Verdict[] = ['failed', 'late', 'not_yet'];

export interface WatchedApi {
  api: ServiceApi;
  own: OwnMetric;
  webhook: LambdaFunction;
}

/** The alarms on what callers and Mailchimp are answered. */
export function watchApi(alarms: AlarmSet, { api, own, webhook }: WatchedApi): void {
  alarms.add('InternalErrors', {
    metric: own('InternalErrors', {}, SUM),
    threshold: 1,
    periods: 1,
    bad: 1,
    says: 'A request met a bug and was answered 500.',
    anchor: 'a-request-met-a-bug',
  });
  alarms.add('ApiServerErrors', {
    metric: percentOf(
      [api.stage.metricServerError(SUM)],
      [api.stage.metricCount(SUM)],
      FAILURES_AT_LEAST,
      FIVE_MINUTES,
      'API 5xx, %',
    ),
    threshold: FAILURES_PERCENT,
    periods: 3,
    bad: 2,
    says: `${String(FAILURES_PERCENT)} % or more of the API's answers are 5xx.`,
    anchor: 'the-api-answers-5xx',
  });
  // Two on the same matter: what never reaches the function is known to the gateway alone, and that one is found by a query.
  alarms.add('WebhookServerErrors', {
    metric: webhookServerErrors(api),
    ...REFUSED,
    says: 'Deliveries of Mailchimp are answered 5xx: opt-outs wait at Mailchimp, which gives up after 75 minutes.',
    anchor: 'webhooks-fail',
  });
  alarms.add('WebhooksRefused', {
    metric: sumOf(
      [...REFUSALS.map((verdict) => own('WebhookDeliveries', { verdict }, SUM)), webhook.metricThrottles(SUM)],
      FIVE_MINUTES,
      'deliveries refused',
    ),
    ...REFUSED,
    says: 'Deliveries of Mailchimp were not stored: opt-outs wait at Mailchimp, which gives up after 75 minutes.',
    anchor: 'webhooks-fail',
  });
}

/**
 * A query, because an alarm on one metric would have to name the method that API Gateway reports for a route of any
 * method. Only the webhook's routes have metrics by route, so the API's id is enough to find them.
 */
export const webhookServerErrors = ({ api }: ServiceApi): MathExpression =>
  new MathExpression({
    expression: `SELECT SUM("5xx") FROM SCHEMA("AWS/ApiGateway", ApiId, Method, Resource, Stage) WHERE ApiId = '${api.apiId}'`,
    period: FIVE_MINUTES,
    label: 'webhook 5xx',
  });
