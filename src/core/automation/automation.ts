import * as z from 'zod';
import type { VendorAutomation } from '../email-platform/email-platform.ts';
import { derivedId } from '../shared/ids.ts';
import { platformIdSchema, type PlatformId } from '../shared/platform-id.ts';

const count = z.number().nullable();
export const automationSchema = z.object({
  id: z.string(),
  tenantId: z.string(),
  platform: platformIdSchema,
  vendorId: z.string(),
  name: z.string(),
  status: z.string(),
  emailsSent: count,
  opens: count,
  uniqueOpens: count,
  clicks: count,
  uniqueClicks: count,
  asOf: z.string(),
});
export type Automation = z.infer<typeof automationSchema>;

export interface AutomationStore {
  list(tenantId: string, platform: PlatformId): Promise<Automation[]>;
  replaceAll(tenantId: string, platform: PlatformId, automations: readonly Automation[]): Promise<void>;
}

export const toAutomation = (
  owner: { tenantId: string; platform: PlatformId; accountId: string },
  vendor: VendorAutomation,
  asOf: string,
): Automation => ({
  id: derivedId('automation', owner.platform, owner.accountId, vendor.vendorId),
  tenantId: owner.tenantId,
  platform: owner.platform,
  ...vendor,
  asOf,
});
