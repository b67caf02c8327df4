import type { AudienceStore } from '../audience/audience.ts';
import { usePlatform, type UsePlatformDeps } from '../connection/use-platform.ts';
import type { PlatformId } from '../email-platform/email-platform.ts';
import { isAppError } from '../shared/app-error.ts';
import { toIso, type Clock } from '../shared/clock.ts';
import { normalizeEmail } from '../shared/email-address.ts';
import { eraseAddress, type SuppressionDeps } from '../suppression/suppress.ts';

export interface EraseContactDeps extends UsePlatformDeps, SuppressionDeps {
  clock: Clock;
  audiences: AudienceStore;
  platforms: readonly PlatformId[];
}

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
  const vendor: Erasure['vendor'] = [];
  for (const platform of deps.platforms) {
    const connection = await deps.connections.get(tenantId, platform);
    if (!connection || connection.status === 'disconnected') continue;
    const audiences = (await deps.audiences.list(tenantId, platform)).filter(({ vanishedAt }) => vanishedAt === null);
    for (const audience of audiences) {
      vendor.push({ audienceId: audience.id, outcome: await eraseAt(deps, tenantId, platform, audience.vendorId, email) });
    }
  }
  const erased = vendor.every(({ outcome }) => outcome !== 'failed');
  deps.log.info('contact.erased', { tenantId, audiences: vendor.length, complete: erased });
  return { erased, vendor };
}

async function eraseAt(deps: EraseContactDeps, tenantId: string, platform: PlatformId, audienceVendorId: string, email: string) {
  try {
    const wasThere = await usePlatform(deps, tenantId, platform, 'interactive', (opened) =>
      opened.eraseContact(audienceVendorId, normalizeEmail(email)),
    );
    return wasThere ? 'erased' : 'absent';
  } catch (error) {
    if (isAppError(error)) return 'failed';
    throw error;
  }
}
