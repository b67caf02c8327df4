import { Duration } from 'aws-cdk-lib';
import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { METRICS } from '../../src/contract/service-metrics.ts';
import type { AlarmSet } from './alarm-set.ts';
import { percentOf, sumOf } from './metric-math.ts';
import type { OwnMetric } from './own-metric.ts';

const FIVE_MINUTES = Duration.minutes(5);
const AN_HOUR = Duration.hours(1);

/** A look at a send that stays unknown is made at least every quarter of an hour, so no half hour of it is silent. */
const UNKNOWN_PERIOD = Duration.minutes(30);
/** One tenant that revokes us is that tenant's matter and is shown to them; ten in an hour have a cause in common. */
const MANY_CONNECTIONS = 10;
/** A busy account is answered 429 now and then, and the client comes again; a quarter of all calls is not that. */
const BAD_CALLS_PERCENT = 25;
const BAD_CALLS_AT_LEAST = 20;
/** The last daily schedule fires at 07:30; whoever has not had its turn 20 minutes later will not be done by 08:00. */
const NOT_BEGUN_AFTER = Duration.minutes(20);
/** A run or two may be late because their own account was busy for an hour; more have a cause in common. */
const MANY_LATE_RUNS = 10;

/** The alarms on what tenants feel, made of what the functions themselves count. */
export function watchProduct(alarms: AlarmSet, own: OwnMetric, syncQueue: IQueue): void {
  alarms.add('SendsUnknown', {
    metric: own('SendsStillUnknown', {}, { period: UNKNOWN_PERIOD, statistic: Stats.SUM }),
    threshold: 1,
    periods: 1,
    bad: 1,
    says: 'The outcome of a send has been unknown for over 15 minutes.',
    anchor: 'a-send-is-unknown',
  });
  alarms.add('ConnectionsLost', {
    metric: sumOf(
      METRICS.ConnectionsLost.dimensions.reason.map((reason) =>
        own('ConnectionsLost', { reason }, { period: AN_HOUR, statistic: Stats.SUM }),
      ),
      AN_HOUR,
      'connections lost',
    ),
    threshold: MANY_CONNECTIONS,
    periods: 1,
    bad: 1,
    says: `${String(MANY_CONNECTIONS)} or more tenants lost their connection within an hour.`,
    anchor: 'connections-are-lost',
  });
  watchVendor(alarms, own);
  watchRollUp(alarms, own, syncQueue);
  alarms.add('LogFieldsDropped', {
    metric: own('DroppedLogFields', {}, { period: AN_HOUR, statistic: Stats.SUM }),
    threshold: 1,
    periods: 1,
    bad: 1,
    says: 'Something was to be written to a log that may not be there. It was not written.',
    anchor: 'log-fields-dropped',
  });
}

function watchVendor(alarms: AlarmSet, own: OwnMetric): void {
  type Outcome = (typeof METRICS.VendorCalls.dimensions.outcome)[number];
  const calls = METRICS.VendorCalls.dimensions.outcome.map((outcome) => ({
    outcome,
    count: own('VendorCalls', { platform: 'mailchimp', outcome }, { period: FIVE_MINUTES, statistic: Stats.SUM }),
  }));
  const bad: readonly Outcome[] = ['rate_limited', 'failed', 'no_answer'];
  alarms.add('VendorRefuses', {
    metric: percentOf(
      calls.filter(({ outcome }) => bad.includes(outcome)).map(({ count }) => count),
      calls.map(({ count }) => count),
      BAD_CALLS_AT_LEAST,
      FIVE_MINUTES,
      'bad calls of the vendor, %',
    ),
    threshold: BAD_CALLS_PERCENT,
    periods: 3,
    bad: 3,
    says: `${String(BAD_CALLS_PERCENT)} % or more of all calls of Mailchimp are answered 429 or 5xx, or not at all.`,
    anchor: 'the-vendor-refuses',
  });
}

/**
 * Late against the roll-up of other teams at 08:00 UTC. Two alarms, because nothing that can be measured cheaply is both in time and
 * exact. In time: the age of the oldest message between 07:50 and 08:00. It is not the number of messages, which a person who starts a
 * sync at 07:52 would raise, and not dispatched minus finished, which counts a rule that fires twice, a tenant that disconnects or a run that
 * another stands for as missing. A long run does not raise it either, because each of its steps is a new message. Exact, but
 * afterwards: the runs that were due and ended later.
 */
function watchRollUp(alarms: AlarmSet, own: OwnMetric, syncQueue: IQueue): void {
  alarms.add('SyncNotBegunByEight', {
    metric: new MathExpression({
      expression: 'IF(HOUR(age) == 7 AND MINUTE(age) >= 50, age, 0)',
      usingMetrics: {
        age: syncQueue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      },
      period: FIVE_MINUTES,
      label: 'wait before 08:00, s',
    }),
    threshold: NOT_BEGUN_AFTER.toSeconds(),
    periods: 1,
    bad: 1,
    says: `Shortly before 08:00 UTC a sync has waited for its turn for over ${String(NOT_BEGUN_AFTER.toMinutes())} minutes.`,
    anchor: 'syncs-are-late-for-0800',
  });
  alarms.add('SyncEndedAfterEight', {
    metric: own('RunsEndedAfterEight', {}, { period: AN_HOUR, statistic: Stats.SUM }),
    threshold: MANY_LATE_RUNS,
    periods: 1,
    bad: 1,
    says: `${String(MANY_LATE_RUNS)} or more runs that were due by 08:00 UTC ended later.`,
    anchor: 'syncs-are-late-for-0800',
  });
}
