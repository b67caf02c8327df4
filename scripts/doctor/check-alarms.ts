import { DescribeAlarmsCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ListSubscriptionsByTopicCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { StageResource } from '../stage/read-stage.ts';
import { bad, ok, warn, type Check, type Finding } from './check.ts';

/** As many as CloudWatch takes in one call. */
const PER_CALL = 100;

const idsOf = (resources: readonly StageResource[], type: string): string[] =>
  resources.filter((resource) => resource.type === type).map(({ physicalId }) => physicalId);

/** Whether an alarm rings, and whether its actions are on. */
export const checkAlarms = (client: CloudWatchClient, resources: readonly StageResource[]): Check => ({
  name: 'alarms',
  rights: ['cloudwatch:DescribeAlarms'],
  async look() {
    const names = idsOf(resources, 'AWS::CloudWatch::Alarm');
    const findings: Finding[] = [];
    for (let from = 0; from < names.length; from += PER_CALL) {
      const { MetricAlarms = [] } = await client.send(
        new DescribeAlarmsCommand({ AlarmNames: names.slice(from, from + PER_CALL) }),
      );
      for (const { AlarmName, StateValue, ActionsEnabled, AlarmDescription = '' } of MetricAlarms) {
        if (StateValue === 'ALARM') findings.push(bad(`${AlarmName ?? ''} rings.`, AlarmDescription));
        if (ActionsEnabled === false)
          findings.push(
            warn(
              `${AlarmName ?? ''} tells nobody: its actions are off.`,
              `aws cloudwatch enable-alarm-actions --alarm-names ${AlarmName ?? ''}`,
            ),
          );
      }
    }
    return findings.length === 0 ? ok(`None of ${names.length} rings.`) : findings;
  },
});

/** Whether somebody hears of alarms. Addresses are not shown. */
export const checkAlarmTopic = (client: SNSClient, resources: readonly StageResource[]): Check => ({
  name: 'who hears of alarms',
  rights: ['sns:ListSubscriptionsByTopic'],
  async look() {
    const [topic] = idsOf(resources, 'AWS::SNS::Topic');
    if (topic === undefined)
      return warn('There is no topic for alarms, so they only show in CloudWatch.', 'Deploy with -c alarmEmail=…');
    const { Subscriptions = [] } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }));
    const pending = Subscriptions.filter(({ SubscriptionArn }) => SubscriptionArn === 'PendingConfirmation').length;
    const confirmed = Subscriptions.length - pending;
    if (confirmed === 0)
      return bad(
        'Nobody hears of alarms.',
        pending > 0
          ? 'Confirm the mail that SNS sent to the address for alarms.'
          : 'Deploy with -c alarmEmail=…, or subscribe to the topic by hand.',
      );
    return pending > 0
      ? warn(`${confirmed} hear of alarms, ${pending} never confirmed.`, 'Confirm the mail that SNS sent.')
      : ok(`${confirmed} hear of alarms.`);
  },
});
