import * as z from 'zod';

/** One organisation. Its slug, domain and owner give the fallback sender addresses. */
export const tenantSchema = z.object({
  id: z.string(),
  slug: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and hyphens'),
  name: z.string().min(1),
  ownerEmail: z.string(),
  domain: z.string().nullable(),
  createdAt: z.string(),
});
export type Tenant = z.infer<typeof tenantSchema>;

export interface TenantStore {
  get(tenantId: string): Promise<Tenant | undefined>;
  /** Refuses to overwrite. */
  create(tenant: Tenant): Promise<void>;
}
