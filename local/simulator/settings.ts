import * as z from 'zod';
import { quirkSettings } from './quirk-settings.ts';

/** What can be turned while the simulator runs; every knob has the default a newcomer would want. */
export const settingsRecord = z.object({
  /** What the consent page does: `ask` a person, or answer at once. */
  consent: z.enum(['ask', 'approve', 'deny']).default('ask'),
  /** The account an automatic consent grants; the first enabled one when absent. */
  consentAccountId: z.string().default(''),
  /** What becomes of a code challenge (RFC 7636): the vendor documents none. */
  pkce: z.enum(['ignore', 'verify', 'refuse']).default('ignore'),
  codeLifetimeMs: z.number().min(0).default(30_000),
  /** How long a campaign stays `sending`. */
  deliveryMs: z.number().min(0).default(2_000),
  softBounceRate: z.number().min(0).max(1).default(0.02),
  hardBounceRate: z.number().min(0).max(1).default(0),
  /** Hides `proxy_excluded_*`, as older reports do. */
  removeMpp: z.boolean().default(false),
  /** A campaign younger than this is not ready yet. */
  checklistLagMs: z.number().min(0).default(0),
  requireUnsubscribeTag: z.boolean().default(false),
  strictCampaignPatch: z.boolean().default(true),
  statsCacheMs: z.number().min(0).default(300_000),
  signWebhooks: z.boolean().default(true),
  /** Added to the time in the signature. */
  signatureSkewMs: z.number().default(0),
  webhookTimeoutMs: z.number().positive().default(10_000),
  webhookConcurrency: z.number().int().positive().default(10),
  disableAfterFailures: z.number().int().positive().default(20),
  /** Share of failed attempts within an hour that disables a hook, judged from `disableMinAttempts` on. */
  disableFailureShare: z.number().min(0).max(1).default(0.5),
  disableMinAttempts: z.number().int().positive().default(100),
  /** Whether a disabled hook is still listed: the vendor does not say. */
  disabledHooks: z.enum(['hidden', 'listed']).default('hidden'),
  dupRate: z.number().min(0).max(1).default(0),
  /** Deliveries are picked at random among this many due ones; 0 and 1 keep their order. */
  shuffleWindow: z.number().int().min(0).default(0),
  complaintEvent: z.enum(['unsubscribe', 'cleaned']).default('unsubscribe'),
  omitErrorType: z.boolean().default(false),
  unknownFields: z.enum(['ignore', 'reject']).default('ignore'),
  wrongDatacenterStatus: z.union([z.literal(401), z.literal(403)]).default(401),
  throttleBodyless: z.boolean().default(false),
  maxConcurrency: z.number().int().positive().default(10),
  /** Added to every call of the API. */
  latencyMs: z.number().min(0).default(0),
  /** How many rows an offset skips in a second, as slow as the vendor; 0 makes offsets free. */
  offsetRowsPerSecond: z.number().min(0).default(50_000),
  ...quirkSettings,
});
export type Settings = z.infer<typeof settingsRecord>;
