import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { FunctionName } from '../../src/contract/manifest.ts';
import { METRICS } from '../../src/contract/service-metrics.ts';
import type { AlarmSet } from './alarm-set.ts';
import { percentOf } from './metric-math.ts';
import type { OwnMetric } from './own-metric.ts';
import type { ServiceFunction } from './service-function.ts';

const FIVE_MINUTES = Duration.minutes(5);
/** A message is expected never to fail, and ten tenants have few of them: two failures may be one bad moment, three are looked at. */
const FAILURES_AT_LEAST = 3;
const FAILURES_PERCENT = 1;
const CONSUMERS = ['sync-worker', 'followups'] as const satisfies readonly FunctionName[];

/**
 * The alarm on everything that nobody waits for. A consumer answers which of its messages failed, so that Lambda counts an error of it
 * only where it was ended from outside; what it counts itself stands beside that. An invocation that was ended printed nothing, so none is
 * counted twice.
 */
export function watchBackground(alarms: AlarmSet, own: OwnMetric, functions: Record<FunctionName, ServiceFunction>): void {
  const sum = { period: FIVE_MINUTES, statistic: Stats.SUM };
  const messages = (outcome: (typeof METRICS.Messages.dimensions.outcome)[number]) =>
    METRICS.Messages.dimensions.queue.map((queue) => own('Messages', { queue, outcome }, sum));
  const failed = [...messages('failed'), ...CONSUMERS.map((name) => functions[name].handler.metricErrors(sum))];
  const { handler: dispatcher } = functions.dispatcher;
  alarms.add('ErrorRate', {
    metric: percentOf(
      [...failed, dispatcher.metricErrors(sum)],
      [...failed, ...messages('done'), dispatcher.metricInvocations(sum)],
      FAILURES_AT_LEAST,
      FIVE_MINUTES,
      'failed work of the background, %',
    ),
    threshold: FAILURES_PERCENT,
    periods: 3,
    bad: 2,
    says: `${String(FAILURES_PERCENT)} % or more of the background's messages and invocations fail.`,
    anchor: 'many-invocations-fail',
  });
}
