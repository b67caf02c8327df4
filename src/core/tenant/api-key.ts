import * as z from 'zod';
import { newSecret } from '../shared/ids.ts';

/** From the one that may do most to the one that may do least. */
export const ROLES = ['owner', 'admin', 'editor', 'writer', 'viewer'] as const;

export const outranks = (a: ApiKey['role'], b: ApiKey['role']): boolean => ROLES.indexOf(a) < ROLES.indexOf(b);

export const apiKeySchema = z.object({
  id: z.string(),
  tenantId: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  /** SHA-256 of the key: 256 random bits need no slow hash. */
  hash: z.string(),
  createdAt: z.string(),
  lastUsedAt: z.string().nullable(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

export interface ApiKeyStore {
  findByHash(hash: string): Promise<ApiKey | undefined>;
  create(key: ApiKey): Promise<void>;
  list(tenantId: string): Promise<ApiKey[]>;
  /** @returns whether there was such a key */
  revoke(tenantId: string, keyId: string): Promise<boolean>;
  touch(key: ApiKey, at: string): Promise<void>;
}

/** `ilx_<stage>_<random>`: secret scanners and people recognise it. Shown once, kept only as a hash. */
export const newApiKey = (stage: string): string => `ilx_${stage}_${newSecret()}`;
