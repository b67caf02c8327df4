import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRule } from 'aws-cdk-lib/aws-events';
import type { RuleName } from '../../src/contract/manifest.ts';
import { RULE_NAMES, silentAfterHours } from '../../src/contract/rule-silence.ts';
import { logicalId } from '../logical-id.ts';
import type { AlarmSet } from './alarm-set.ts';

const AN_HOUR = Duration.hours(1);

/**
 * One for each rule, because the others go on firing when one is off. An alarm of hourly periods may look back for seven days; with shorter ones
 * it could not see a day and two hours.
 *
 * EventBridge says nothing in an hour in which it did not fire. Of hours that are missing, CloudWatch would go and fetch older ones in
 * their place, and be content with yesterday's firing for longer than it says here. `FILL` makes each of them a zero, so that it judges these hours
 * and no others; and where the metric has never been, what is missing counts as bad as well.
 */
export function watchSchedules(alarms: AlarmSet, rules: Record<RuleName, IRule>): void {
  for (const name of RULE_NAMES) {
    const hours = silentAfterHours(name);
    const fired = new Metric({
      namespace: 'AWS/Events',
      metricName: 'Invocations',
      dimensionsMap: { RuleName: rules[name].ruleName },
      statistic: Stats.SUM,
      period: AN_HOUR,
    });
    alarms.add(`${logicalId(name)}Silent`, {
      metric: new MathExpression({ expression: 'FILL(fired, 0)', usingMetrics: { fired }, period: AN_HOUR, label: 'firings' }),
      threshold: 1,
      periods: hours,
      bad: hours,
      heartbeat: true,
      says: `The schedule ${name} has not fired for ${String(hours)} hours.`,
      anchor: 'a-schedule-is-silent',
    });
  }
}
