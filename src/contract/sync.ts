import * as z from 'zod';
import { keptErrorSchema, timeSchema } from './common.ts';
import { RUN_TASKS, SYNC_TASKS } from './manifest.ts';

export const taskSchema = z.enum(RUN_TASKS);
/** Pushing writes at the platform, so it has a route and an entry in the audit trail of its own. */
export const startSyncBody = z.strictObject({ task: z.enum(SYNC_TASKS) });

export const syncRunSchema = z.object({
  runId: z.string(),
  task: taskSchema,
  trigger: z.enum(['schedule', 'manual', 'connect']),
  state: z.enum(['queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled']),
  queuedAt: timeSchema,
  startedAt: timeSchema.nullable(),
  finishedAt: timeSchema.nullable(),
  progress: z.object({ done: z.number().int(), total: z.number().int() }),
  /** What the progress counts: members, reports, audiences or workflows. */
  unit: z.string(),
  counts: z.record(z.string(), z.number().int()),
  errors: z.array(keptErrorSchema),
});
