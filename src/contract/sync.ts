import * as z from 'zod';
import { keptErrorSchema, pageQuery, timeSchema } from './common.ts';
import { RUN_TASKS, SYNC_TASKS } from './manifest.ts';

const STATES = ['queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled'] as const;
const TRIGGERS = ['schedule', 'manual', 'connect'] as const;

export const taskSchema = z.enum(RUN_TASKS);
const triggerSchema = z.enum(TRIGGERS);
/** Pushing writes at the platform, so it has a route and an entry in the audit trail of its own. */
export const startSyncBody = z.strictObject({
  task: z.enum(SYNC_TASKS).describe('What to read at the platform.'),
});

/** Everything that fits all that is given. */
export const syncsQuery = z.strictObject({
  ...pageQuery,
  task: taskSchema.optional().describe('Only runs of this task.'),
  state: z
    .enum([...STATES, 'active'])
    .optional()
    .describe('Only runs in this state; `active` is queued or running.'),
  trigger: triggerSchema.optional().describe('Only runs with this trigger.'),
});

const count = z.number().int();

/** What every run counts, and what some tasks count beside it under names of their own. */
const countsSchema = z
  .object({
    read: count.describe('How many were read at the platform.'),
    changed: count.describe('How many of them said something new.'),
    unchanged: count.describe('How many of them said what was known.'),
    failed: count.describe('How many could not be read or dealt with; the errors say why.'),
  })
  .catchall(count);

export const syncRunSchema = z.object({
  runId: z.string(),
  task: taskSchema.describe('What it reads, or `push`: unsubscribe at the platform whoever is suppressed here.'),
  trigger: triggerSchema.describe('What started it: the schedule, a person, or connecting an account.'),
  state: z
    .enum(STATES)
    .describe(
      '`queued` and `running` are not over. `succeeded`: all was done. `partial`: some was done; the errors say what was not. `failed`: it ended with an error before any part of it was finished, or through a fault of ours; what it has stored stays. `cancelled`: a person ended it, the account was disconnected, or another run of the task was under way.',
    ),
  queuedAt: timeSchema,
  startedAt: timeSchema.nullable().describe('`null` until a worker takes it on.'),
  finishedAt: timeSchema.nullable().describe('`null` until it is over.'),
  durationMs: z
    .number()
    .int()
    .nullable()
    .describe('From its start to its end, or until now. It includes waiting for its turn. `null` when it never began.'),
  progress: z
    .object({ done: count, total: count })
    .describe(
      'In the unit of the task. The total grows while the platform is read, and is 0 until it is known. Of a run that is over done and total are the same: where it did not come to its end (`partial`, `failed`, `cancelled`), what it did, and not what there was.',
    ),
  unit: z.string().describe('What the progress counts: members, reports, audiences or workflows.'),
  counts: countsSchema.describe('0 where the task does not count it. Some tasks have more of them.'),
  calls: count.describe('Calls of the platform’s API so far, those that were tried again included.'),
  audienceId: z.string().nullable().describe('The one audience of a push; `null` when the run is about all.'),
  errors: z.array(keptErrorSchema).describe('The latest twenty, each with its cause and what to do.'),
});
