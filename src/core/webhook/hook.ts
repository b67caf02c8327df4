import * as z from 'zod';
import type { DepartureKind } from '../email-platform/email-platform.ts';
import { platformIdSchema, type PlatformId } from '../shared/platform-id.ts';

/**
 * One webhook of one audience. Written `pending` before the vendor is asked, because the vendor calls the URL inside
 * that request; `active` once its answer is kept; `disconnected` for 90 days, so that stragglers are told to stop.
 */
export const hookSchema = z.object({
  hookId: z.string(),
  tenantId: z.string(),
  platform: platformIdSchema,
  accountId: z.string(),
  audienceId: z.string(),
  audienceVendorId: z.string(),
  /** SHA-256 of the secret in the URL; the secret itself is only in the URL the vendor holds. */
  secretHash: z.string(),
  vendorId: z.string().nullable(),
  /** What signs the deliveries; `null` for an unsigned hook. */
  signingSecret: z.string().nullable(),
  status: z.enum(['pending', 'active', 'disconnected']),
  createdAt: z.string(),
  /** Since when the audience has had hooks, this one or those before it. `null`: since this one was made. */
  coveredSince: z.string().nullable().default(null),
  /** When its flags were last sent again. */
  patchedAt: z.string().nullable().default(null),
  /** Until when a replaced hook is still heard, though it is disconnected: what the vendor repeats may come after its successor. */
  heardUntil: z.string().nullable().default(null),
  /** When it was to be made anew for an operator and stayed, because the vendor would not have signed the new one. */
  renewalRefusedAt: z.string().nullable().default(null),
  /** Seconds since the epoch; set when disconnected. */
  expiresAt: z.number().int().nullable().default(null),
});
export type Hook = z.infer<typeof hookSchema>;

/** Whether deliveries of it are taken: it is in use, or was replaced a short while ago. */
export const isHeard = ({ status, heardUntil }: Hook, now: number): boolean =>
  status === 'active' || (status === 'disconnected' && heardUntil !== null && now < Date.parse(heardUntil));

/** Since when webhooks should tell of an audience; `null` when none is active. @param hooks of the tenant */
export function coveredSince(hooks: readonly Hook[], audienceId: string): string | null {
  const active = hooks.filter((hook) => hook.audienceId === audienceId && hook.status === 'active');
  return active.map((hook) => hook.coveredSince ?? hook.createdAt).sort()[0] ?? null;
}

export interface HookStore {
  /** Consistent. One read. */
  findBySecretHash(secretHash: string): Promise<Hook | undefined>;
  /**
   * Never over a disconnected one: that is the end of a hook. One that is to be replaced stays as it is then, one that is not to
   * be disconnected throws.
   * @throws AppError `not_connected`
   */
  put(hook: Hook): Promise<void>;
  /** Those that are in use or about to be. */
  list(tenantId: string, platform: PlatformId): Promise<Hook[]>;
  /** Those, and the replaced ones whose stragglers are heard, now or until lately: all that a stranger might still be heard by. */
  listWithReplaced(tenantId: string, platform: PlatformId): Promise<Hook[]>;
  remove(hook: Hook): Promise<void>;
}

/** What every vendor's webhook is boiled down to. */
export type HookSignal =
  | {
      kind: 'departed';
      email: string;
      /** The audience the body names, if any. */
      audienceVendorId: string | null;
      reason: DepartureKind;
      campaignVendorId: string | null;
      at: string | null;
      vendorReason: string | null;
    }
  | { kind: 'moved'; from: string; to: string; audienceVendorId: string | null }
  | { kind: 'ignored' };
