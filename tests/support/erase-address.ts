import { normalizeEmail } from '../../src/core/shared/email-address.ts';
import { eraseByHash, type Forgotten } from '../../src/core/suppression/erase-by-hash.ts';
import type { SuppressionDeps } from '../../src/core/suppression/suppress.ts';

/** Erases the one record of an address, by its hash, as every erasure does. */
export const eraseAddress = async (deps: SuppressionDeps, tenantId: string, email: string, at: string): Promise<Forgotten> =>
  eraseByHash(deps, tenantId, await deps.hasher.hash(tenantId, normalizeEmail(email)), at);
