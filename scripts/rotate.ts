import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import type { ConnectionStore } from '../src/core/connection/connection.ts';
import { isAppError } from '../src/core/shared/app-error.ts';
import { SECOND, systemClock, toIso, type Clock } from '../src/core/shared/clock.ts';
import { idSchema } from '../src/core/shared/ids.ts';
import { PLATFORM_IDS } from '../src/core/shared/platform-id.ts';
import { renewHooks, type Renewal, type RenewHooksDeps } from '../src/core/webhook/renew-hooks.ts';
import { makeAuditStore } from '../src/storage/audit-store.ts';
import { makeConnectionStore } from '../src/storage/connection-store.ts';
import { findQueueUrl } from '../src/storage/dead-letter-box.ts';
import { makeDocumentClient } from '../src/storage/document-client.ts';
import { makeHookStore } from '../src/storage/hook-store.ts';
import { makeQueueClient, makeSyncQueue } from '../src/storage/queues.ts';
import { makeSyncRunStore } from '../src/storage/sync-run-store.ts';
import { Table } from '../src/storage/table.ts';
import { queueNamePrefix } from './redrive.ts';
import { openLocalStack, readLocalTime } from './stage/local-stack.ts';
import { readStack } from './stage/read-stage.ts';
import { endWithReason } from './end-with-reason.ts';

const USAGE = `Has webhooks made anew, with other secrets, and prints a line of JSON for each tenant. A run of each tenant does it: the new
webhook first, then the old one goes, and what Mailchimp still repeats to it is heard for two hours.

  npm run -s rotate -- webhooks (--local | --stage STAGE) (--all | --tenant ten_…) [--before TIME] [--per-second 5] [--list]

  --before      only webhooks made before this time, ISO 8601; now by default. To go on with a rotation, give its time again
  --per-second  tenants at the most; their runs share the sync queue with everybody else's
  --list        only prints what is left

It exits with 1 when a tenant failed. A run that was there before (under_way) may have looked at webhooks already: look again.`;

const optionsSchema = z
  .object({
    local: z.boolean().default(false),
    stage: z
      .string()
      .regex(/^[a-z0-9-]+$/, 'is not the name of a stage')
      .optional(),
    all: z.boolean().default(false),
    tenant: idSchema('tenant').optional(),
    before: z.iso.datetime({ error: 'must be a time such as 2026-09-21T06:00:00Z' }).optional(),
    'per-second': z.coerce.number('must be a number').min(0.1).max(100).default(5),
    list: z.boolean().default(false),
  })
  .refine(({ local, stage }) => local !== (stage !== undefined), `Give either --local or --stage.\n${USAGE}`)
  .refine(({ all, tenant }) => all !== (tenant !== undefined), `Give either --all or --tenant.\n${USAGE}`);
type Options = z.output<typeof optionsSchema>;

const LEFT: readonly Renewal['state'][] = ['open', 'queued', 'under_way'];

/** An item that is not what this release writes: one tenant's misfortune. */
const UNREADABLE = 'unreadable_item';

/** What a renewal of many tenants came to. */
export interface RotationSum {
  before: string;
  tenants: number;
  /** Webhooks that are still to be made anew. */
  left: number;
  /** Tenants whose connection cannot be used, marked: theirs are made anew when it can be. Their webhooks are not in `left`. */
  waiting: number;
  /** Tenants whose webhooks stay as they are, because the vendor signs no new ones. */
  refused: number;
  failed: number;
}

export interface RotateWebhooksDeps extends RenewHooksDeps {
  connections: ConnectionStore;
  sleep: (ms: number) => Promise<unknown>;
  print: (row: Renewal | { tenantId: string; state: 'failed'; code: string }) => void;
}

/**
 * Renews the webhooks of one tenant or of all, one tenant after the other, and prints each. Holds one page of the index. One tenant that
 * fails keeps nobody else waiting; the same call again goes on with what is left.
 * @param request `perSecond`: tenants at the most, and no limit for those with nothing to do
 */
export async function rotateWebhooks(
  deps: RotateWebhooksDeps,
  request: { before: string; tenant: string | undefined; perSecond: number; listOnly: boolean },
): Promise<RotationSum> {
  const { before, tenant, perSecond, listOnly } = request;
  const sum: RotationSum = { before, tenants: 0, left: 0, waiting: 0, refused: 0, failed: 0 };
  for (const platform of PLATFORM_IDS)
    for await (const tenantId of tenant === undefined ? everyone(deps.connections, platform) : [tenant]) {
      sum.tenants++;
      try {
        const row = await renewHooks(deps, { tenantId, platform, before, listOnly });
        if (LEFT.includes(row.state)) sum.left += row.outworn;
        if (row.state === 'waits') sum.waiting++;
        if (row.state === 'refused') sum.refused++;
        deps.print(row);
        if (row.state === 'queued') await deps.sleep(SECOND / perSecond);
      } catch (error) {
        const code = isAppError(error) ? error.code : error instanceof z.ZodError ? UNREADABLE : undefined;
        if (code === undefined) throw error;
        sum.failed++;
        deps.print({ tenantId, state: 'failed', code });
      }
    }
  return sum;
}

/**
 * Whose account the vendor disabled as well, and whose token is dead: their webhooks are still heard, and come back with the
 * connection. Whoever goes from one to another while it reads may be passed over; the call that looks again sees them.
 */
async function* everyone(connections: ConnectionStore, platform: (typeof PLATFORM_IDS)[number]): AsyncGenerator<string> {
  for (const which of ['connected', 'disabled', 'dead'] as const)
    for await (const page of connections.indexed(platform, which)) for (const { tenantId } of page) yield tenantId;
}

/** What is said at the end; it says that all is done only where it is. */
export function closingLine({ before, tenants, left, waiting, refused, failed }: RotationSum): string {
  if (left + waiting + refused + failed === 0) return `All webhooks of ${tenants} tenants were made after ${before}.\n`;
  return [
    `${left} webhooks are left, ${waiting} tenants wait for a connection that can be used, ${refused} tenants keep theirs because no new one would be signed, ${failed} tenants failed, of ${tenants}.`,
    `Look again with --before ${before}, with --list to change nothing.\n`,
  ].join(' ');
}

/** Webhooks that are left are no failure: their runs are on the way, or wait for their tenant. */
export const exitCodeOf = ({ failed }: RotationSum): 0 | 1 => (failed > 0 ? 1 : 0);

interface Place {
  clock: Clock;
  tableName: string;
  dynamodb: string | undefined;
  sqs: string | undefined;
  syncQueueUrl: string;
}

async function findPlace({ stage }: Options): Promise<Place> {
  if (stage !== undefined) {
    const { outputs } = await readStack(new CloudFormationClient({}), stage, 'Stateful');
    const syncQueueUrl = await findQueueUrl(makeQueueClient(), queueNamePrefix(stage, 'sync'));
    return { clock: systemClock, tableName: outputs['TableName'] ?? '', dynamodb: undefined, sqs: undefined, syncQueueUrl };
  }
  const stack = openLocalStack();
  const offset = (await readLocalTime(stack)) - systemClock.now();
  return {
    clock: { now: () => systemClock.now() + offset },
    tableName: stack.tableName,
    dynamodb: stack.endpoints.dynamodb,
    sqs: stack.endpoints.sqs,
    syncQueueUrl: stack.queueUrls['sync'] ?? '',
  };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      local: { type: 'boolean' },
      stage: { type: 'string' },
      all: { type: 'boolean' },
      tenant: { type: 'string' },
      before: { type: 'string' },
      'per-second': { type: 'string' },
      list: { type: 'boolean' },
    },
  });
  if (positionals.join(' ') !== 'webhooks') throw new Error(USAGE);
  const options = optionsSchema.parse(values);
  const { clock, tableName, dynamodb, sqs, syncQueueUrl } = await findPlace(options);
  const before = options.before === undefined ? toIso(clock.now()) : toIso(Date.parse(options.before));
  // Otherwise the new ones would be older than that as well, and be made anew again and again.
  if (before > toIso(clock.now())) throw new Error('--before is still to come.');
  const table = new Table(makeDocumentClient(dynamodb), tableName);
  const toStderr = (event: string, fields?: object): void =>
    void process.stderr.write(`${JSON.stringify({ event, ...fields })}\n`);
  const sum = await rotateWebhooks(
    {
      clock,
      log: { info: () => undefined, warn: toStderr, error: toStderr },
      // Metrics are read from the logs of functions; what this prints is for whoever runs it.
      metrics: { add: () => undefined },
      connections: makeConnectionStore(table),
      hooks: makeHookStore(table),
      runs: makeSyncRunStore(table),
      audit: makeAuditStore(table),
      syncQueue: makeSyncQueue(makeQueueClient(sqs), syncQueueUrl),
      sleep,
      print: (row) => void process.stdout.write(`${JSON.stringify(row)}\n`),
    },
    { before, tenant: options.tenant, perSecond: options['per-second'], listOnly: options.list },
  );
  process.stderr.write(closingLine(sum));
  process.exitCode = exitCodeOf(sum);
}

if (process.argv[1]?.endsWith('rotate.ts')) {
  await main().catch(endWithReason(1));
}
