import type { AudienceStore } from '../audience/audience.ts';
import { usePlatform, type UsePlatformDeps } from '../connection/use-platform.ts';
import type { PlatformId } from '../email-platform/email-platform.ts';
import { isAppError } from '../shared/app-error.ts';
import { SECOND, toIso, type Clock } from '../shared/clock.ts';
import { normalizeEmail } from '../shared/email-address.ts';
import { runAll } from '../shared/run-all.ts';
import { eraseAddress, type SuppressionDeps } from '../suppression/suppress.ts';

export interface EraseContactDeps extends UsePlatformDeps, SuppressionDeps {
  clock: Clock;
  audiences: AudienceStore;
  platforms: readonly PlatformId[];
}

const AT_ONCE = 2;
/** A request ends at 30 s; audiences that were not reached are `failed`, and the next request begins with the rest. */
const WORK_WITHIN_MS = 20 * SECOND;

export interface Erasure {
  erased: boolean;
  vendor: { audienceId: string; outcome: 'erased' | 'absent' | 'failed' }[];
}

/**
 * Deletes a person permanently in every audience at the vendor and forgets the address here; the keyed hash stays,
 * so that the person is never mailed again. Safe to repeat until `erased` is true: one vendor call per audience.
 */
export async function eraseContact(deps: EraseContactDeps, tenantId: string, email: string): Promise<Erasure> {
  // First, so that nobody mails the person while the vendor is being asked.
  await eraseAddress(deps, tenantId, email, toIso(deps.clock.now()));
  const until = deps.clock.now() + WORK_WITHIN_MS;
  let unreached = 0;
  const vendor: Erasure['vendor'] = [];
  for (const platform of deps.platforms) {
    const connection = await deps.connections.get(tenantId, platform);
    if (!connection) continue;
    if (connection.status === 'disconnected') {
      // It may hold the person still: nobody can ask until it is connected again.
      unreached++;
      continue;
    }
    const audiences = (await deps.audiences.list(tenantId, platform)).filter(({ vanishedAt }) => vanishedAt === null);
    vendor.push(
      ...(await runAll(audiences, AT_ONCE, async ({ id, vendorId }) => ({
        audienceId: id,
        outcome: await eraseAt(deps, tenantId, platform, vendorId, email, until),
      }))),
    );
  }
  const erased = unreached === 0 && vendor.every(({ outcome }) => outcome !== 'failed');
  deps.log.info('contact.erased', { tenantId, audiences: vendor.length, complete: erased });
  return { erased, vendor };
}

async function eraseAt(
  deps: EraseContactDeps,
  tenantId: string,
  platform: PlatformId,
  audienceVendorId: string,
  email: string,
  until: number,
): Promise<Erasure['vendor'][number]['outcome']> {
  try {
    // The vendor knows people by the spelling it was given: a domain may be there in either form.
    const spellings = [...new Set([email.trim().toLowerCase(), normalizeEmail(email)])];
    const found = await usePlatform(
      deps,
      tenantId,
      platform,
      'interactive',
      (opened) => Promise.all(spellings.map((spelling) => opened.eraseContact(audienceVendorId, spelling))),
      until,
    );
    return found.includes(true) ? 'erased' : 'absent';
  } catch (error) {
    if (isAppError(error)) return 'failed';
    throw error;
  }
}
