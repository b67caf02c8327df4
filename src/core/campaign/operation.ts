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
});

/** The operation with one more step; the last one said again is only counted. */
export function addStep(
  operation: Operation,
  name: StepName,
  at: string,
  { detail = null, vendor = null }: { detail?: string | null; vendor?: Step['vendor'] } = {},
): Operation {
  const last = operation.steps.at(-1);
  if (last?.name === name && last.detail === detail) {
    const again = { ...last, lastAt: at, times: last.times + 1, vendor: vendor ?? last.vendor };
    return { ...operation, steps: [...operation.steps.slice(0, -1), again] };
  }
  return { ...operation, steps: [...operation.steps, { name, at, lastAt: at, times: 1, detail, vendor }] };
}

export const endOperation = (
  operation: Operation,
  outcome: NonNullable<Operation['outcome']>,
  endedAt: string,
  error: KeptError | null = null,
): Operation => ({ ...operation, endedAt, outcome, error });

/** Rises with everything that is learned of an operation: of two copies the one that knows more counts. */
export const progressOf = ({ steps, endedAt }: Operation): number =>
  steps.reduce((sum, { times }) => sum + times, endedAt === null ? 0 : 1);

/** Where operations are kept for 90 days. The one under way is in its campaign, written together with what it changes. */
export interface OperationStore {
  /** Never over a copy that knows more. */
  put(tenantId: string, campaignId: string, operation: Operation): Promise<void>;
  /** Newest first. */
  list(tenantId: string, campaignId: string): Promise<Operation[]>;
}
