import { Duration, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DLQ_RETENTION_DAYS, type QueueSpec } from '../../src/contract/manifest.ts';

/** High-throughput mode: order and deduplication hold inside a message group, which is all that the work needs. */
const PER_GROUP: QueueProps = {
  fifo: true,
  deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
  fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
};

/** What every queue of the service has in common. */
export const SECURE_QUEUE = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true } as const satisfies QueueProps;
export const DEAD_LETTERS = { ...SECURE_QUEUE, retentionPeriod: Duration.days(DLQ_RETENTION_DAYS) } as const satisfies QueueProps;

/** Why dead letters have no dead letters of their own. */
export const END_OF_THE_LINE = {
  id: 'Serverless-SQSRedrivePolicy',
  reason: 'This queue is the end of the line: an alarm watches it, and a person reads it and puts back what is worth it.',
} as const;

/** A queue of the manifest with its dead letters. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly #spec: QueueSpec;

  constructor(scope: Construct, id: string, spec: QueueSpec) {
    super(scope, id);
    this.#spec = spec;
    // The dead letters of a FIFO queue must be a FIFO queue.
    this.deadLetters = new Queue(this, 'DeadLetters', { ...DEAD_LETTERS, ...(spec.fifo ? { fifo: true } : {}) });
    Validations.of(this.deadLetters).acknowledge(END_OF_THE_LINE);
    this.queue = new Queue(this, 'Work', {
      ...SECURE_QUEUE,
      ...(spec.fifo ? PER_GROUP : {}),
      visibilityTimeout: Duration.seconds(spec.visibilitySeconds),
      retentionPeriod: Duration.days(spec.retentionDays),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: spec.maxReceiveCount },
    });
  }

  /** One action only; `grantSendMessages` of the CDK would also allow reading the queue's attributes. */
  grantSend(grantee: IGrantable): void {
    allowSend(grantee, this.queue);
  }

  /** For whoever gives a message up with its reason; what the queue itself gives up needs no right. */
  grantGiveUp(grantee: IGrantable): void {
    allowSend(grantee, this.deadLetters);
  }

  deliverTo(consumer: LambdaFunction): void {
    consumer.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: this.#spec.batchSize,
        maxConcurrency: this.#spec.maxConcurrency,
        reportBatchItemFailures: true,
      }),
    );
    Validations.of(consumer).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'Lambda takes no such destination for a queue: what it gives up goes to the dead letters of the queue itself.',
    });
  }
}

function allowSend(grantee: IGrantable, { queueArn }: Queue): void {
  grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queueArn] }));
}
