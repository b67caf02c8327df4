import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DescribeRuleCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { logicalId } from '../../lib/logical-id.ts';
import type { RuleName } from '../../src/contract/manifest.ts';
import { RULE_NAMES, silentAfterHours } from '../../src/contract/rule-silence.ts';
import { HOUR } from '../../src/core/shared/clock.ts';
import type { StageResource } from '../stage/read-stage.ts';
import { bad, ok, warn, type Check, type Finding } from './check.ts';
import { measure } from './measure.ts';

async function judge(
  events: EventBridgeClient,
  metrics: CloudWatchClient,
  { name, physicalId, now }: { name: RuleName; physicalId: string | undefined; now: number },
): Promise<Finding> {
  if (physicalId === undefined) return bad(`${name} is not in the stack.`, 'Deploy the service stack.');
  const { State } = await events.send(new DescribeRuleCommand({ Name: physicalId }));
  if (State !== 'ENABLED')
    return bad(
      `${name} is ${State ?? 'not there'}: its work is not done.`,
      `If nobody holds it on purpose: aws events enable-rule --name ${physicalId}`,
    );
  const hours = silentAfterHours(name);
  const fired = await measure(metrics, {
    namespace: 'AWS/Events',
    metric: 'Invocations',
    dimensions: { RuleName: physicalId },
    statistic: 'Sum',
    sinceMs: hours * HOUR,
    now,
    everyMinutes: 60,
  });
  const times = fired.reduce((sum, count) => sum + count, 0);
  return times > 0
    ? ok(`${name} is enabled and fired ${times} times within ${hours} hours.`)
    : warn(
        `${name} is enabled and has not fired for ${hours} hours.`,
        'Expected on the first day; later see "A schedule is silent" in docs/runbook.md.',
      );
}

/** Whether the schedules are on and were heard of. */
export const checkSchedules = (
  events: EventBridgeClient,
  metrics: CloudWatchClient,
  { resources, now }: { resources: readonly StageResource[]; now: () => number },
): Check => ({
  name: 'schedules',
  rights: ['events:DescribeRule', 'cloudwatch:GetMetricStatistics'],
  look: () =>
    Promise.all(
      RULE_NAMES.map((name) => {
        const rule = resources.find(({ type, logicalId: id }) => type === 'AWS::Events::Rule' && id.includes(logicalId(name)));
        return judge(events, metrics, { name, physicalId: rule?.physicalId, now: now() });
      }),
    ),
});
