import { Duration, Validations } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { RULES, type RuleName, type ScheduleEvent } from '../../src/contract/manifest.ts';
import { logicalId } from '../logical-id.ts';
import { DEAD_LETTERS, END_OF_THE_LINE } from './work-queue.ts';

/** Later than this the next run is nearer than the missed one, and a person should look. */
const GIVE_UP_AFTER = Duration.hours(1);

/** The four rules of the day (UTC), each waking the dispatcher with the event's own time, so that a repeat is recognised. */
export class Schedules extends Construct {
  /** Events that never reached the dispatcher, or on which it failed every time. */
  readonly deadLetters: Queue;
  readonly rules: Record<RuleName, Rule>;

  constructor(scope: Construct, id: string, dispatcher: LambdaFunction) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', DEAD_LETTERS);
    Validations.of(this.deadLetters).acknowledge(END_OF_THE_LINE, {
      id: 'AwsSolutions-SQS3',
      reason: 'This queue is where failed events of EventBridge and Lambda end; neither is seen as a redrive by the rule.',
    });
    const add = (name: RuleName) => this.#addRule(name, dispatcher);
    this.rules = {
      'sync-suppressions-daily': add('sync-suppressions-daily'),
      'sync-audience-counts-daily': add('sync-audience-counts-daily'),
      'refresh-campaign-metrics-daily': add('refresh-campaign-metrics-daily'),
      'sync-automation-performance': add('sync-automation-performance'),
    };
    dispatcher.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: GIVE_UP_AFTER,
      onFailure: new SqsDestination(this.deadLetters),
    });
  }

  #addRule(name: RuleName, dispatcher: LambdaFunction): Rule {
    const { minute, hour, task } = RULES[name];
    const event = { rule: name, task, time: EventField.time } satisfies ScheduleEvent;
    return new Rule(this, logicalId(name), {
      description: `${name}: one ${task} run for each connected tenant`,
      schedule: Schedule.cron({ minute, hour }),
      targets: [
        new FunctionTarget(dispatcher, {
          event: RuleTargetInput.fromObject(event),
          deadLetterQueue: this.deadLetters,
          maxEventAge: GIVE_UP_AFTER,
          retryAttempts: 10,
        }),
      ],
    });
  }
}
