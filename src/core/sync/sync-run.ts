import * as z from 'zod';
import { encodeTime } from 'ulid';
import type { AppError } from '../shared/app-error.ts';
import { HOUR, MINUTE, toIso } from '../shared/clock.ts';
import { sha256, timeOfId } from '../shared/ids.ts';
import { keptErrorSchema, toKeptError } from '../shared/kept-error.ts';
import { platformIdSchema } from '../shared/platform-id.ts';
import { RUN_TASKS, type RunTask } from '../shared/run-tasks.ts';

export const TASKS = RUN_TASKS;
export type Task = RunTask;
export type Trigger = 'schedule' | 'manual' | 'connect';

/** What the progress of a task counts. */
export const UNITS: Record<Task, string> = {
  suppressions: 'members',
  metrics: 'reports',
  audiences: 'audiences',
  automations: 'workflows',
  push: 'members',
};

export const syncRunSchema = z.object({
  runId: z.string(),
  tenantId: z.string(),
  platform: platformIdSchema,
  task: z.enum(TASKS),
  trigger: z.enum(['schedule', 'manual', 'connect']),
  /** The one audience that a push is about; without it, it is about all. */
  audienceId: z.string().optional(),
  state: z.enum(['queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled']),
  queuedAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  progress: z.object({ done: z.number().int(), total: z.number().int() }),
  counts: z.record(z.string(), z.number().int()),
  errors: z.array(keptErrorSchema),
  /** Calls of the vendor's API, those that were tried again included. */
  calls: z.number().int().default(0),
  /** The step that is due. It rises with every continuation; a message of a lower one is a repetition and is dropped. */
  step: z.number().int(),
  /** Tries in a row that met a busy or silent vendor. */
  attempts: z.number().int(),
  /** Steps in a row that got no further. */
  stalls: z.number().int().default(0),
  /** Whether a worker has the step that is due. One that falls silent meanwhile has died. */
  isClaimed: z.boolean().default(false),
  /** How often a worker died of it since it last got further. */
  deaths: z.number().int().default(0),
  /** Until when it may be silent, ms since the epoch; then it is taken for lost. */
  silentUntilMs: z.number().default(0),
  /** What is finished within the run, such as the scopes of a suppressions run. */
  finished: z.array(z.string()),
  /** Where a task goes on that reads one long list, in the task's own words. */
  place: z.string().nullable().default(null),
});
export type SyncRun = z.infer<typeof syncRunSchema>;

export const isOver = (run: SyncRun): boolean => run.finishedAt !== null;

/** A run as it is when it is over: nothing of it is left to do. One that did not come to its end did what it did. */
export function closed(run: SyncRun, state: 'succeeded' | 'partial' | 'failed' | 'cancelled', now: number): SyncRun {
  const { done, total } = run.progress;
  const all = state === 'succeeded' ? Math.max(total, done) : done;
  return { ...run, state, finishedAt: toIso(now), progress: { done: all, total: all } };
}

/** The latest twenty are kept. */
export const withError = (run: SyncRun, error: AppError): SyncRun => ({
  ...run,
  errors: [...run.errors, toKeptError(error)].slice(-20),
});

/** Which run of a task is under way. */
export interface Lease {
  runId: string;
  /** Until when the run's record may be missing, ms since the epoch: whoever took the lease may have died before it was made. */
  untilMs: number;
}

export interface SyncRunStore {
  get(tenantId: string, runId: string): Promise<SyncRun | undefined>;
  /** @returns whether it was new */
  create(run: SyncRun): Promise<boolean>;
  /** Not over a run that is over, or that a later step has taken on: a straggler changes nothing. @returns whether it was written */
  put(run: SyncRun): Promise<boolean>;
  /** The same, if nobody wrote since the run was read. @returns whether it was written */
  revive(run: SyncRun, silentUntilMs: number): Promise<boolean>;
  /** Newest first, one task or all. */
  list(
    tenantId: string,
    task: Task | null,
    limit: number,
    before: string | null,
  ): Promise<{ items: SyncRun[]; next: string | null }>;
  /** Takes the lease of a task for a run, if it is free or already this run's. @returns whose it is now */
  lease(tenantId: string, task: Task, lease: Lease): Promise<Lease>;
  /** Whose it is, if anybody's. */
  leaseOf(tenantId: string, task: Task): Promise<Lease | undefined>;
  /** Only if it is this run's. */
  release(tenantId: string, task: Task, runId: string): Promise<void>;
  cursor(tenantId: string, task: Task, scope: string): Promise<string | null>;
  putCursor(tenantId: string, task: Task, scope: string, cursor: string | null): Promise<void>;
  removeCursors(tenantId: string, task: Task): Promise<void>;
}

/**
 * How long a run may be silent before it is taken for lost. Longer than a message that killed its worker takes to come back
 * twice, and than a worker can wait for one answer.
 */
export const SILENCE_MS = 15 * MINUTE;
/** The next day's run of a task has to find it over. */
export const MAX_AGE_MS = 20 * HOUR;
export const isTooOld = (run: SyncRun, now: number): boolean => now - Date.parse(run.queuedAt) >= MAX_AGE_MS;
/** A queued run is begun at once, or as soon as its account's other work is done. A second message of it does no harm. */
const QUEUED_SILENCE_MS = 5 * MINUTE;

/** The hour (UTC) of the roll-up of other teams, which needs the runs of its morning done. */
const ROLL_UP_HOUR = 8;

/**
 * Whether a scheduled run was due for the roll-up of its day, and is too late for it. When it was fired for stands in its id;
 * what is fired at 08:00 or later is for the next one. @param now ms since the epoch
 */
export function isLateForRollUp({ runId, trigger }: Pick<SyncRun, 'runId' | 'trigger'>, now: number): boolean {
  if (trigger !== 'schedule') return false;
  const firedFor = timeOfId(runId.slice(-ULID_LENGTH));
  const rollUp = new Date(firedFor).setUTCHours(ROLL_UP_HOUR, 0, 0, 0);
  return firedFor < rollUp && now > rollUp;
}

const ULID_LENGTH = 26;
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID whose random part follows from its parts: the same event makes the same id. @param at ms since the epoch */
export function derivedUlid(at: number, ...parts: readonly string[]): string {
  const digest = sha256(JSON.stringify(parts));
  const tail = Array.from({ length: 16 }, (_, index) => CROCKFORD[parseInt(digest.slice(index * 2, index * 2 + 2), 16) % 32]);
  return encodeTime(at, 10) + tail.join('');
}

export const runIdOf = (task: Task, ulid: string): string => `sync_${task}-${ulid}`;

export const newRun = (
  message: Pick<SyncRun, 'runId' | 'tenantId' | 'platform' | 'task' | 'trigger' | 'audienceId'>,
  queuedAt: string,
): SyncRun => ({
  runId: message.runId,
  tenantId: message.tenantId,
  platform: message.platform,
  task: message.task,
  trigger: message.trigger,
  ...(message.audienceId !== undefined && { audienceId: message.audienceId }),
  state: 'queued',
  queuedAt,
  startedAt: null,
  finishedAt: null,
  progress: { done: 0, total: 0 },
  counts: {},
  errors: [],
  calls: 0,
  step: 0,
  attempts: 0,
  stalls: 0,
  isClaimed: false,
  deaths: 0,
  silentUntilMs: Date.parse(queuedAt) + QUEUED_SILENCE_MS,
  finished: [],
  place: null,
});
