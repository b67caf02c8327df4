import * as z from 'zod';
import { toIso } from '../shared/clock.ts';
import { newId } from '../shared/ids.ts';
import { keptErrorSchema, vendorProblemSchema, type KeptError } from '../shared/kept-error.ts';

export const OPERATION_KINDS = ['create', 'edit', 'delete', 'test', 'send'] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

/** What can happen within an operation, in the order in which it usually does. */
export const STEP_NAMES = [
  'stored',
  'create_asked',
  'create_unanswered',
  'draft_created',
  'draft_found',
  'draft_updated',
  'content_set',
  'claimed',
  'preflight_passed',
  'waiting',
  'taken_back',
  'test_unanswered',
  'unscheduled',
  'send_requested',
  'send_accepted',
  'send_unanswered',
  'send_busy',
  'send_refused',
  'seen',
  'unreachable',
  'disconnected',
] as const;
export type StepName = (typeof STEP_NAMES)[number];

export const stepSchema = z.object({
  name: z.enum(STEP_NAMES),
  at: z.string(),
  /** The same seen again is counted, not listed: a long send is looked at for hours. */
  lastAt: z.string(),
  times: z.number().int(),
  /** A word of the vendor or of ours, such as the status seen. */
  detail: z.string().nullable(),
  vendor: vendorProblemSchema.nullable(),
});
export type Step = z.infer<typeof stepSchema>;

/** One thing that somebody had done with a campaign: the ledger's entry. */
export const operationSchema = z.object({
  id: z.string(),
  kind: z.enum(OPERATION_KINDS),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  /** `null` while it goes on, and for ever when its process ended in the middle and a later operation took over. */
  outcome: z.enum(['succeeded', 'failed', 'taken_back']).nullable(),
  vendorId: z.string().nullable(),
  steps: z.array(stepSchema),
  error: keptErrorSchema.nullable(),
  /** Rises with everything that is learned: of two copies the one with the higher number knows more. */
  revision: z.number().int(),
});
export type Operation = z.infer<typeof operationSchema>;

export const newOperation = (kind: OperationKind, now: number, id = newId('operation', now)): Operation => ({
  id,
  kind,
  startedAt: toIso(now),
  endedAt: null,
  outcome: null,
  vendorId: null,
  steps: [],
  error: null,
  revision: 0,
});

/** Two looks in turn, such as a silent and a clear one, are one story each. */
const LATELY = 4;
/** The operation is part of the campaign's item, which must stay small however long a send takes. */
const MOST_STEPS = 60;

/** The operation with one more step. What was said lately is counted there; of a very long story the middle is left out. */
export function addStep(
  operation: Operation,
  name: StepName,
  at: string,
  { detail = null, vendor = null }: { detail?: string | null; vendor?: Step['vendor'] } = {},
): Operation {
  const { steps } = operation;
  const revision = operation.revision + 1;
  const index = steps.findLastIndex(
    (step, place) => place >= steps.length - LATELY && step.name === name && step.detail === detail,
  );
  const known = steps[index];
  if (known) {
    const again = { ...known, lastAt: at, times: known.times + 1, vendor: vendor ?? known.vendor };
    return { ...operation, revision, steps: steps.with(index, again) };
  }
  const all = [...steps, { name, at, lastAt: at, times: 1, detail, vendor }];
  const shown = all.length <= MOST_STEPS ? all : [...all.slice(0, MOST_STEPS / 2), ...all.slice(-MOST_STEPS / 2)];
  return { ...operation, revision, steps: shown };
}

export const endOperation = (
  operation: Operation,
  outcome: NonNullable<Operation['outcome']>,
  endedAt: string,
  error: KeptError | null = null,
): Operation => ({ ...operation, endedAt, outcome, error, revision: operation.revision + 1 });

/** Where former operations are kept for 90 days. The latest one is in its campaign, written together with what it changes. */
export interface OperationStore {
  /** Never over a copy that knows more. */
  put(tenantId: string, campaignId: string, operation: Operation): Promise<void>;
  /** Newest first. */
  list(tenantId: string, campaignId: string): Promise<Operation[]>;
}
