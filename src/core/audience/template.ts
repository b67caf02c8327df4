import * as z from 'zod';
import type { VendorTemplate } from '../email-platform/email-platform.ts';
import { derivedId } from '../shared/ids.ts';
import { platformIdSchema, type PlatformId } from '../shared/platform-id.ts';

export const templateSchema = z.object({
  id: z.string(),
  tenantId: z.string(),
  platform: platformIdSchema,
  vendorId: z.string(),
  name: z.string(),
  type: z.string(),
  createdAt: z.string().nullable(),
  asOf: z.string(),
});
export type Template = z.infer<typeof templateSchema>;

export interface TemplateStore {
  get(tenantId: string, platform: PlatformId, templateId: string): Promise<Template | undefined>;
  list(tenantId: string, platform: PlatformId): Promise<Template[]>;
  /** Makes the stored set equal to the given one. */
  replaceAll(tenantId: string, platform: PlatformId, templates: readonly Template[]): Promise<void>;
}

export const toTemplate = (
  owner: { tenantId: string; platform: PlatformId; accountId: string },
  vendor: VendorTemplate,
  asOf: string,
): Template => ({
  id: derivedId('template', owner.platform, owner.accountId, vendor.vendorId),
  tenantId: owner.tenantId,
  platform: owner.platform,
  ...vendor,
  asOf,
});
