import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DescribeRuleCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { logicalId } from '../../lib/logical-id.ts';
import { RULES, type RuleName } from '../../src/contract/manifest.ts';
import { HOUR } from '../../src/core/shared/clock.ts';
import type { StageResource } from '../stage/read-stage.ts';
import { bad, ok, warn, type Check, type Finding } from './check.ts';
import { measure } from './measure.ts';

const isRuleName = (name: string): name is RuleName => name in RULES;
const RULE_NAMES = Object.keys(RULES).filter(isRuleName);
/** Every schedule is daily at the least. */
const FIRES_WITHIN_MS = 26 * HOUR;

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
  const fired = await measure(metrics, {
    namespace: 'AWS/Events',
    metric: 'Invocations',
    dimensions: { RuleName: physicalId },
    statistic: 'Sum',
    sinceMs: FIRES_WITHIN_MS,
    now,
    everyMinutes: 60,
  });
  const times = fired.reduce((sum, count) => sum + count, 0);
  return times > 0
    ? ok(`${name} is enabled and fired ${times} times within 26 hours.`)
    : warn(
        `${name} is enabled and has not fired for 26 hours.`,
        'Expected on the first day; later see "No schedule fired" in docs/runbook.md.',
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
