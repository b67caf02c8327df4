import type { UsableConnection } from '../connection/use-platform.ts';
import type { EmailPlatform } from '../email-platform/email-platform.ts';
import type { AppError } from '../shared/app-error.ts';
import { SECOND, type Clock } from '../shared/clock.ts';
import { SILENCE_MS, withError, type SyncRun, type SyncRunStore } from './sync-run.ts';

/** What a task works with: its run, whose progress it reports, and when it must hand over. */
export interface TaskContext {
  run: SyncRun;
  platform: EmailPlatform;
  connection: UsableConnection;
  /** Adds to what is shown; stored at most once a second. @throws RunOver when somebody ended the run */
  report(change: { done?: number; total?: number; counts?: Record<string, number> }): Promise<void>;
  /** Marks a part as finished: a continuation skips it. Stored like a report. @throws RunOver */
  finish(part: string): Promise<void>;
  /** Keeps where a continuation goes on. Stored like a report. @throws RunOver */
  keepPlace(place: string | null): Promise<void>;
  /** A problem of one part that does not stop the others. */
  problem(error: AppError): void;
  /**
   * Whether another invocation has to go on: time is up, or the turn is. The accounts of one vendor user take turns, and a turn
   * is one full page, or a quarter of a minute in which it got further. To be asked between pages, so that each turn gets further. A push takes all its
   * time instead: it reads some people twice wherever it is cut.
   */
  mustHandOver(): boolean;
  /** Whether time is up: what is under way is not finished any more. */
  outOfTime(): boolean;
  /** When time is up, ms since the epoch. */
  deadlineMs: number;
}

/** The run was ended from elsewhere, or a later step has taken it on: whoever works on it stops. */
export class RunOver extends Error {
  override readonly name = 'RunOver';
}

/** What a full page holds: whoever got further than that lets its neighbours have a turn. */
const TURN_ROWS = 1_000;
const TURN_MS = 15 * SECOND;
const STORE_EVERY_MS = SECOND;

export interface OpenContextRequest {
  run: SyncRun;
  platform: EmailPlatform;
  connection: UsableConnection;
  deadlineMs: number;
  /** Calls of the vendor so far, in this invocation. */
  calls: () => number;
}

/** The context of one invocation. What it holds is stored now and then; the caller stores the end of it. */
export function openContext(deps: { clock: Clock; runs: SyncRunStore }, request: OpenContextRequest): TaskContext {
  const { platform, connection, deadlineMs, calls } = request;
  const begunMs = deps.clock.now();
  const callsBefore = request.run.calls;
  let storedAt = 0;
  let rows = 0;
  let hasMoved = false;
  let run = request.run;
  const store = async (): Promise<void> => {
    const now = deps.clock.now();
    if (now - storedAt < STORE_EVERY_MS) return;
    storedAt = now;
    if (!(await deps.runs.put({ ...context.run, silentUntilMs: now + SILENCE_MS }))) throw new RunOver();
  };
  const context: TaskContext = {
    get run() {
      return { ...run, calls: callsBefore + calls() };
    },
    platform,
    connection,
    async report({ done = 0, total = 0, counts = {} }) {
      const merged = { ...run.counts };
      for (const [name, value] of Object.entries(counts)) merged[name] = (merged[name] ?? 0) + value;
      const sum = run.progress.done + done;
      // A list on which another run stopped half-way does not tell how much it has in all.
      const progress = { done: sum, total: Math.max(run.progress.total + total, sum) };
      run = { ...run, progress, counts: merged };
      rows += done;
      hasMoved ||= done > 0;
      await store();
    },
    async finish(part) {
      run = { ...run, finished: [...run.finished, part] };
      hasMoved = true;
      await store();
    },
    async keepPlace(place) {
      run = { ...run, place };
      hasMoved = true;
      await store();
    },
    problem(error) {
      run = withError(run, error);
    },
    outOfTime: () => deps.clock.now() >= deadlineMs,
    mustHandOver: () => {
      const now = deps.clock.now();
      // A vendor that needs longer than a turn for one answer would keep a run from ever getting further.
      return rows >= TURN_ROWS || now >= deadlineMs || (hasMoved && now >= begunMs + TURN_MS);
    },
    deadlineMs,
  };
  return context;
}
