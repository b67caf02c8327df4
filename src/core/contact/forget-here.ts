import { eraseByHash, type Forgotten } from '../suppression/erase-by-hash.ts';
import type { SuppressionDeps } from '../suppression/suppress.ts';
import type { Erasure } from './erasure.ts';

/** The address that was named, and those that are erased with it. 1 read each, and 1 write the first time. */
export async function forgetHere(
  deps: Pick<SuppressionDeps, 'suppressions'>,
  { tenantId, addressHash, aliases }: Erasure,
  at: string,
): Promise<Forgotten[]> {
  const forgotten: Forgotten[] = [];
  for (const hash of [addressHash, ...aliases]) forgotten.push(await eraseByHash(deps, tenantId, hash, at));
  return forgotten;
}
