import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { QUEUES, type QueueName } from '../../src/contract/manifest.ts';
import { countLetters, findDeadLettersUrl } from '../../src/storage/dead-letter-box.ts';
import { bad, notChecked, ok, warn, type Check, type Finding } from './check.ts';
import { nearQuota } from './near-quota.ts';

/** Where the runbook tells what to do about dead letters. */
const SEE = {
  sync: '"Dead letters of the sync queue" in docs/runbook.md',
  followups: '"Dead letters of the follow-ups queue" in docs/runbook.md',
} as const satisfies Record<QueueName, string>;
/** Messages that may be in work at once. */
const IN_FLIGHT = 120_000;

/** Whether work is done: no dead letters, and not too much under way. @param where how the stage is named to `npm run redrive` */
export const checkQueues = (
  client: SQSClient,
  {
    urlOf,
    schedulesDeadLettersUrl,
    where,
  }: { urlOf: (queue: QueueName) => Promise<string>; schedulesDeadLettersUrl: string | undefined; where: string },
): Check => ({
  name: 'queues',
  rights: ['sqs:ListQueues', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes'],
  async look() {
    const findings: Finding[] = [];
    for (const queue of ['sync', 'followups'] as const) {
      const url = await urlOf(queue);
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: url,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      const letters = await countLetters(client, await findDeadLettersUrl(client, url));
      const waiting = Number(Attributes['ApproximateNumberOfMessages'] ?? 0);
      findings.push(
        letters === 0
          ? ok(
              `The ${queue} queue has no dead letters; ${waiting} messages wait, for ${QUEUES[queue].maxConcurrency} workers at the most.`,
            )
          : bad(
              `The ${queue} queue has ${letters} dead letters.`,
              `npm run -s redrive -- ${where} --queue ${queue} --list, and ${SEE[queue]}.`,
            ),
        nearQuota(
          `Messages of the ${queue} queue in work`,
          Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
          IN_FLIGHT,
          'Workers do not end their messages: see "A function fails" in docs/runbook.md.',
        ),
      );
    }
    if (schedulesDeadLettersUrl === undefined)
      return [...findings, notChecked('Dead letters of schedules: only AWS has a queue for them.')];
    const failed = await countLetters(client, schedulesDeadLettersUrl);
    return [
      ...findings,
      failed === 0
        ? ok('Every schedule reached the dispatcher.')
        : warn(`${failed} schedules failed.`, 'See "A schedule failed" in docs/runbook.md.'),
    ];
  },
});
