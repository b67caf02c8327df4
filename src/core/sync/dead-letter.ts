import * as z from 'zod';
import { followupSchema } from './queue-messages.ts';
import { TASKS } from './sync-run.ts';

/** Whom and what a message is about, as far as it can be read. */
export interface LetterSubject {
  tenantId?: string | undefined;
  /** The task of a sync, the kind of any other follow-up. */
  task?: string | undefined;
  runId?: string | undefined;
}

/** What a message was given up with. */
export interface LetterFacts extends LetterSubject {
  /** Code or class of the fault, and where: never an address or a token. */
  reason: string;
  /** ISO 8601 */
  failedAt: string;
  receives: number;
  /** The id the message had in its queue, which the logs name: a dead letter has one of its own. */
  messageId: string;
}

export interface DeadLetterQueue {
  /**
   * Keeps a message that was given up, its body unchanged. One request.
   * @throws AppError `service_unavailable` when it was not taken
   */
  send(body: string, facts: LetterFacts): Promise<void>;
}

const KINDS = followupSchema.options.map(({ shape }) => shape.kind.value);
const RUN_ID = /^sync_[a-z]{1,20}-[0-9A-HJKMNP-TV-Z]{26}$/;
/** Each field by itself: a message that fits no schema may still say whose it is. Only what has the form of an id is taken. */
const subjectSchema = z
  .object({
    tenantId: z
      .string()
      .regex(/^ten_[0-9A-Za-z]{1,40}$/)
      .optional()
      .catch(undefined),
    kind: z.enum(KINDS).optional().catch(undefined),
    task: z.enum(TASKS).optional().catch(undefined),
    runId: z.string().regex(RUN_ID).optional().catch(undefined),
  })
  .catch({});

/** @returns what is not JSON as `undefined` */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whom and what a body is about, also of one that fits no schema. */
export function subjectOf(body: string): LetterSubject {
  const { tenantId, kind, task, runId } = subjectSchema.parse(readJson(body));
  return { tenantId, task: task ?? kind, runId };
}
