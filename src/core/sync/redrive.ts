import { readJson, subjectOf, type LetterSubject } from './dead-letter.ts';
import { redriveMessage } from './redrive-message.ts';
import { followupSchema, syncMessageSchema, type SyncQueue } from './queue-messages.ts';

/** A message in a dead-letter queue. What the queue moved by itself has no facts but those of its body. */
export interface DeadLetter extends LetterSubject {
  /** Its id there. */
  letterId: string;
  /** For one delivery: lets it be removed or given back. */
  receipt: string;
  body: string;
  /** The id it had in its queue. */
  messageId: string;
  reason: string | undefined;
  failedAt: string | undefined;
  receives: number | undefined;
  /** ms since the epoch */
  sentAt: number;
}

/** The dead letters of one queue. */
export interface DeadLetterBox {
  /** Up to ten that nobody holds; they are hidden from others for a while. None only if there are none to be had. */
  take(): Promise<DeadLetter[]>;
  remove(letter: DeadLetter): Promise<void>;
  /** Shows them again at once. */
  giveBack(letters: readonly DeadLetter[]): Promise<void>;
}

/** One of the two queues: its dead letters, and how one of them goes back. */
export interface Redrivable {
  queue: 'sync' | 'followups';
  box: DeadLetterBox;
  /** @returns the id of the run that it begins, if it does; `undefined` for what cannot be read */
  plan: (letter: DeadLetter) => { send: () => Promise<void>; newRunId?: string } | undefined;
}

export interface RedriveChoice {
  do: 'list' | 'move' | 'drop-unreadable';
  tenantId?: string | undefined;
  task?: string | undefined;
  /** At the most so many of all queues together. */
  limit?: number | undefined;
}

/** A dead letter as it is shown. */
export interface LetterRow {
  queue: string;
  tenantId: string | null;
  task: string | null;
  runId: string | null;
  reason: string | null;
  failedAt: string | null;
  receives: number | null;
  messageId: string;
  readable: boolean;
  /** The run that the moved message begins. */
  newRunId?: string;
}

/** A dead letter of the sync queue begins a run of its own. */
export const syncLetters = (box: DeadLetterBox, syncQueue: SyncQueue): Redrivable => ({
  queue: 'sync',
  box,
  plan(letter) {
    const { data } = syncMessageSchema.safeParse(readJson(letter.body));
    if (!data) return undefined;
    const { messageId, sentAt, failedAt } = letter;
    const message = redriveMessage(data, { messageId, failedAt: failedAt === undefined ? sentAt : Date.parse(failedAt) });
    return { send: () => syncQueue.send([message]), newRunId: message.runId };
  },
});

/** A follow-up goes back as it is: it looks by itself at what has been done. */
export const followupLetters = (box: DeadLetterBox, sendUnchanged: (body: string) => Promise<void>): Redrivable => ({
  queue: 'followups',
  box,
  plan: ({ body }) => (followupSchema.safeParse(readJson(body)).success ? { send: () => sendUnchanged(body) } : undefined),
});

/**
 * Lists, moves back or drops dead letters. Each is sent before it is deleted: what is interrupted is there twice, never not
 * at all. What is not chosen is visible again at the end.
 * @returns what was listed, moved or dropped
 */
export async function redrive(queues: readonly Redrivable[], choice: RedriveChoice): Promise<LetterRow[]> {
  const rows: LetterRow[] = [];
  for (const queue of queues) await redriveQueue(queue, choice, rows);
  return rows;
}

async function redriveQueue({ queue, box, plan }: Redrivable, choice: RedriveChoice, rows: LetterRow[]): Promise<void> {
  const { limit = Infinity } = choice;
  const seen = new Set<string>();
  const held = new Map<string, DeadLetter>();
  try {
    while (rows.length < limit) {
      const taken = await box.take();
      for (const letter of taken) held.set(letter.letterId, letter);
      const fresh = taken.filter(({ letterId }) => !seen.has(letterId));
      if (fresh.length === 0) break;
      for (const letter of fresh) {
        seen.add(letter.letterId);
        const way = plan(letter);
        const row = rowOf(queue, letter, way !== undefined);
        if (rows.length >= limit || !isChosen(row, choice)) continue;
        if (choice.do !== 'list') {
          await way?.send();
          await box.remove(letter);
          held.delete(letter.letterId);
        }
        rows.push(choice.do === 'move' && way?.newRunId !== undefined ? { ...row, newRunId: way.newRunId } : row);
      }
    }
  } finally {
    await box.giveBack([...held.values()]);
  }
}

function isChosen(row: LetterRow, choice: RedriveChoice): boolean {
  if (choice.tenantId !== undefined && row.tenantId !== choice.tenantId) return false;
  if (choice.task !== undefined && row.task !== choice.task) return false;
  return choice.do === 'list' || row.readable === (choice.do === 'move');
}

/** Whom and what it is about: what it was given up with, or where nothing was said, what its body tells. */
function rowOf(queue: string, letter: DeadLetter, readable: boolean): LetterRow {
  const told = subjectOf(letter.body);
  return {
    queue,
    tenantId: letter.tenantId ?? told.tenantId ?? null,
    task: letter.task ?? told.task ?? null,
    runId: letter.runId ?? told.runId ?? null,
    reason: letter.reason ?? null,
    failedAt: letter.failedAt ?? null,
    receives: letter.receives ?? null,
    messageId: letter.messageId,
    readable,
  };
}
