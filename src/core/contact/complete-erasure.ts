import { recordSystemEvent, type RecordSystemEventDeps } from '../audit/record-system-event.ts';
import { toIso } from '../shared/clock.ts';
import type { SuppressionDeps } from '../suppression/suppress.ts';
import { forgetHere } from './forget-here.ts';
import { endErasure, noteProgress, type Erasure, type ErasureStore } from './erasure.ts';

export interface CompleteErasureDeps extends RecordSystemEventDeps, Pick<SuppressionDeps, 'suppressions'> {
  erasures: ErasureStore;
}

const covers = (outer: Erasure, inner: Erasure): boolean =>
  Object.entries(inner.contactIds).every(([platform, ids]) => ids.every((id) => outer.contactIds[platform]?.includes(id)));

/**
 * Ends an erasure whose every audience was asked: the platforms' ids of the person are forgotten too. Open erasures of the
 * addresses it included end with it, as far as all was asked that they wait for.
 * @param by who asked last; what a follow-up completes has an entry of its own in the trail
 * @returns what is stored now
 */
export async function completeErasure(
  deps: CompleteErasureDeps,
  erasure: Erasure,
  by: 'request' | 'followup',
): Promise<Erasure | undefined> {
  const { tenantId, addressHash } = erasure;
  if (erasure.state === 'complete') return erasure;
  const at = toIso(deps.clock.now());
  const { erasure: stored, ended } = await endErasure(deps, erasure, at);
  if (!ended) return stored;
  deps.log.info('contact.erased', { tenantId, addressHash, audiences: Object.keys(erasure.audiences).length });
  for (const alias of erasure.aliases) {
    const other = await deps.erasures.get(tenantId, alias);
    if (other?.state === 'open') {
      // Whoever began to ask later may have met the person again where this one asked before.
      if (!covers(erasure, other) || other.roundAt > erasure.roundAt) continue;
      // Its own request may have died before it had forgotten all that it named, and nothing goes on with it from here.
      await forgetHere(deps, other, at);
      await noteProgress(deps, other, erasure.audiences, null);
      await endErasure(deps, other, at);
    }
    deps.log.info('contact.erased', { tenantId, addressHash: alias, audiences: Object.keys(erasure.audiences).length });
  }
  if (by === 'followup')
    await recordSystemEvent(deps, {
      tenantId,
      action: 'contact.erased',
      target: { type: 'contact', id: addressHash },
      after: { erased: true, ...Object.fromEntries(outcomesOf(erasure)) },
    });
  return stored;
}

const outcomesOf = ({ audiences }: Erasure): [string, string][] =>
  Object.entries(audiences).map(([id, { found }]) => [id, found ? 'erased' : 'absent']);
