import { parseArgs } from 'node:util';
import type { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { QueueName } from '../src/contract/manifest.ts';
import { idSchema } from '../src/core/shared/ids.ts';
import {
  followupLetters,
  redrive,
  syncLetters,
  type DeadLetterBox,
  type LetterRow,
  type Redrivable,
} from '../src/core/sync/redrive.ts';
import {
  countLetters,
  findDeadLettersUrl,
  findQueueUrl,
  makeDeadLetterBox,
  sendUnchanged,
} from '../src/storage/dead-letter-box.ts';
import { makeQueueClient, makeSyncQueue } from '../src/storage/queues.ts';
import { openLocalStack } from './stage/local-stack.ts';
import { endWithReason } from './end-with-reason.ts';

const USAGE = `Moves dead letters back to their queues, the chosen ones or all, and prints what it moved as a JSON array.
A message of the sync queue begins a new run, which goes on from the cursors of the old one; a follow-up goes back as it is.

  npm run -s redrive -- (--local | --stage STAGE) [--list | --drop-unreadable]
    [--queue sync|followups] [--tenant ten_…] [--task metrics] [--limit 10]

  --list             only prints what is there
  --drop-unreadable  removes messages that fit no schema, and moves nothing`;

const optionsSchema = z
  .object({
    local: z.boolean().default(false),
    stage: z
      .string()
      .regex(/^[a-z0-9-]+$/, 'is not the name of a stage')
      .optional(),
    list: z.boolean().default(false),
    'drop-unreadable': z.boolean().default(false),
    queue: z.enum(['sync', 'followups'], 'is sync or followups').optional(),
    tenant: idSchema('tenant').optional(),
    task: z.string().min(1).optional(),
    limit: z.coerce.number('must be a number').int().min(1).optional(),
  })
  .refine(({ local, stage }) => local !== (stage !== undefined), `Give either --local or --stage.\n${USAGE}`)
  .refine((given) => !(given.list && given['drop-unreadable']), 'Give either --list or --drop-unreadable.');
type Options = z.output<typeof optionsSchema>;

/** How the name of a deployed work queue begins: with the stack and the constructs that make it. */
export const queueNamePrefix = (stage: string, queue: QueueName): string =>
  `EmailPlatform-${stage}-Service-${queue === 'sync' ? 'SyncQueueWork' : 'FollowupsQueueWork'}`;

/** Finds the work queues, of the stack that runs over a folder or of a deployment. */
function openQueues({ stage }: Options): { client: SQSClient; urlOf: (queue: QueueName) => Promise<string> } {
  if (stage !== undefined) {
    const client = makeQueueClient();
    return { client, urlOf: (queue) => findQueueUrl(client, queueNamePrefix(stage, queue)) };
  }
  const { endpoints, queueUrls } = openLocalStack();
  return { client: makeQueueClient(endpoints.sqs), urlOf: (queue) => Promise.resolve(queueUrls[queue] ?? '') };
}

/** The same box, which notes whatever it hands out. */
const noting = (box: DeadLetterBox, seen: Set<string>): DeadLetterBox => ({
  ...box,
  async take() {
    const letters = await box.take();
    for (const { letterId } of letters) seen.add(letterId);
    return letters;
  },
});

async function run(options: Options): Promise<LetterRow[]> {
  const { client, urlOf } = openQueues(options);
  const names: readonly QueueName[] = options.queue ? [options.queue] : ['sync', 'followups'];
  const queues: Redrivable[] = [];
  const seen = new Set<string>();
  let expected = 0;
  for (const name of names) {
    const queueUrl = await urlOf(name);
    const deadLettersUrl = await findDeadLettersUrl(client, queueUrl);
    const box = noting(makeDeadLetterBox(client, deadLettersUrl), seen);
    queues.push(
      name === 'sync'
        ? syncLetters(box, makeSyncQueue(client, queueUrl))
        : followupLetters(box, (body) => sendUnchanged(client, queueUrl, body)),
    );
    expected += await countLetters(client, deadLettersUrl);
  }
  const rows = await redrive(queues, {
    do: options.list ? 'list' : options['drop-unreadable'] ? 'drop-unreadable' : 'move',
    tenantId: options.tenant,
    task: options.task,
    limit: options.limit,
  });
  const isStopped = options.limit !== undefined && rows.length >= options.limit;
  if (!isStopped && seen.size < expected) {
    process.stderr.write(
      `${expected - seen.size} more are hidden for now, by a look that was interrupted or behind others of their group. Look again in five minutes.\n`,
    );
  }
  return rows;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      local: { type: 'boolean' },
      stage: { type: 'string' },
      list: { type: 'boolean' },
      'drop-unreadable': { type: 'boolean' },
      queue: { type: 'string' },
      tenant: { type: 'string' },
      task: { type: 'string' },
      limit: { type: 'string' },
    },
  });
  process.stdout.write(`${JSON.stringify(await run(optionsSchema.parse(values)), null, 2)}\n`);
}

if (process.argv[1]?.endsWith('redrive.ts')) {
  await main().catch(endWithReason(1));
}
