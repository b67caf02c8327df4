import * as z from 'zod';
import { TASKS, type SyncRun } from './sync-run.ts';
import { platformIdSchema } from '../shared/platform-id.ts';

/** What travels in the queue: ids only. */
export const syncMessageSchema = z.object({
  kind: z.literal('sync'),
  tenantId: z.string(),
  platform: platformIdSchema,
  vendorUser: z.string(),
  task: z.enum(TASKS),
  trigger: z.enum(['schedule', 'manual', 'connect']),
  audienceId: z.string().optional(),
  runId: z.string(),
  step: z.number().int(),
});
export type SyncMessage = z.infer<typeof syncMessageSchema>;

export const sendMessageSchema = z.object({
  kind: z.enum(['send', 'settle-send']),
  tenantId: z.string(),
  campaignId: z.string(),
  claimId: z.string(),
  /** The polls made when this was queued: copies of a chain that went on end here. */
  poll: z.number().int(),
});
const connectionWork = { tenantId: z.string(), platform: platformIdSchema, connectionId: z.string() };
/** Sees to it that a connection's token is kept once, where tokens are kept now, or nowhere if it is not in force. */
export const tidyTokenSchema = z.object({ kind: z.literal('tidy-token'), ...connectionWork });
/** Asks whether a token that was refused and called valid works again. */
export const probeSchema = z.object({
  kind: z.literal('probe-connection'),
  ...connectionWork,
  /** From 1. */
  probe: z.number().int(),
  /** How often this probe found nobody to ask. */
  silences: z.number().int(),
});
/** Asks for a suppressions run, and `more` with it, if none was queued since. */
export const catchUpSchema = z.object({
  kind: z.literal('catch-up'),
  tenantId: z.string(),
  platform: platformIdSchema,
  more: z.array(z.enum(TASKS)),
  since: z.string(),
});
/** Looks after a run that somebody asked about and that has been silent for too long. */
export const reviveSchema = z.object({
  kind: z.literal('revive-sync'),
  tenantId: z.string(),
  task: z.enum(TASKS),
  runId: z.string(),
});
/** Brings a draft to rest after whatever a crash or a lost answer left, here and at the vendor. */
export const settleDraftSchema = z.object({
  kind: z.literal('settle-draft'),
  tenantId: z.string(),
  platform: platformIdSchema,
  campaignId: z.string(),
  /** SHA-256 of the title under which the vendor was asked to create it: a copy that a person made has another one. */
  titleHash: z.string(),
  tries: z.number().int(),
});
/** Goes on with an erasure that is open. */
export const eraseSchema = z.object({
  kind: z.literal('erase'),
  tenantId: z.string(),
  addressHash: z.string(),
  /** The follow-ups before this one: copies of a chain that went on end here. */
  step: z.number().int(),
});
export type EraseMessage = z.infer<typeof eraseSchema>;
export type SettleDraft = z.infer<typeof settleDraftSchema>;
export type Probe = z.infer<typeof probeSchema>;

/** `send` calls the vendor once; `settle-send` only reads back; a `sync` message is a wake-up that re-enters its group. */
export const followupSchema = z.discriminatedUnion('kind', [
  z.object({ ...sendMessageSchema.shape, kind: z.literal('send') }),
  z.object({ ...sendMessageSchema.shape, kind: z.literal('settle-send') }),
  syncMessageSchema,
  reviveSchema,
  tidyTokenSchema,
  probeSchema,
  catchUpSchema,
  settleDraftSchema,
  eraseSchema,
]);
export type Followup = z.infer<typeof followupSchema>;

export interface SyncQueue {
  /** Into the FIFO queue, in the group of the vendor's user. */
  send(messages: readonly SyncMessage[]): Promise<void>;
}
export interface FollowupQueue {
  /** @param delaySeconds 0 to 900 */
  send(followup: Followup, delaySeconds: number): Promise<void>;
}

/** The message that makes a worker take a run on where it stands. */
export const messageOf = (run: SyncRun, vendorUser: string): SyncMessage => ({
  kind: 'sync',
  tenantId: run.tenantId,
  platform: run.platform,
  vendorUser,
  task: run.task,
  trigger: run.trigger,
  ...(run.audienceId !== undefined && { audienceId: run.audienceId }),
  runId: run.runId,
  step: run.step,
});
