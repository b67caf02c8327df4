import * as z from 'zod';
import type { VendorAudience } from '../email-platform/email-platform.ts';
import { derivedId } from '../shared/ids.ts';
import { platformIdSchema, type PlatformId } from '../shared/platform-id.ts';

export const audienceSchema = z.object({
  id: z.string(),
  tenantId: z.string(),
  platform: platformIdSchema,
  accountId: z.string(),
  vendorId: z.string(),
  name: z.string(),
  subscriberCount: z.number().nullable(),
  unsubscribedCount: z.number().nullable(),
  cleanedCount: z.number().nullable(),
  createdAt: z.string().nullable(),
  lastSentAt: z.string().nullable(),
  asOf: z.string(),
  /** Set when the vendor no longer has it: kept as a tombstone, so that campaigns and suppressions still name it. */
  vanishedAt: z.string().nullable(),
});
export type Audience = z.infer<typeof audienceSchema>;

export interface AudienceStore {
  get(tenantId: string, platform: PlatformId, audienceId: string): Promise<Audience | undefined>;
  /** All audiences, tombstones included. */
  list(tenantId: string, platform: PlatformId): Promise<Audience[]>;
  putAll(audiences: readonly Audience[]): Promise<void>;
  putCount(audience: Audience, date: string): Promise<void>;
  removeAll(tenantId: string, platform: PlatformId): Promise<void>;
}

/** The audience's id follows from account and vendor id, so that a reconnect meets the same one. */
export const toAudience = (
  owner: { tenantId: string; platform: PlatformId; accountId: string },
  vendor: VendorAudience,
  asOf: string,
): Audience => ({
  id: derivedId('audience', owner.platform, owner.accountId, vendor.vendorId),
  tenantId: owner.tenantId,
  platform: owner.platform,
  accountId: owner.accountId,
  ...vendor,
  asOf,
  vanishedAt: null,
});
