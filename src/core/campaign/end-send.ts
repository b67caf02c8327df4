import type { AuditStore } from '../audit/audit-entry.ts';
import { recordSystemEvent } from '../audit/record-system-event.ts';
import { toIso } from '../shared/clock.ts';
import type { KeptError } from '../shared/kept-error.ts';
import type { Log } from '../shared/log.ts';
import type { Metrics } from '../shared/metrics.ts';
import type { Campaign, CampaignStore } from './campaign.ts';
import type { ClaimStore } from './claim.ts';
import { finish, type LedgerDeps } from './ledger.ts';

export interface EndSendDeps extends LedgerDeps {
  log: Log;
  metrics: Metrics;
  audit: AuditStore;
  campaigns: CampaignStore;
  claims: ClaimStore;
}

/**
 * Ends a send as `sent`: the campaign with its ledger, then the pointer, which the sweeper removes if nobody else does. Of
 * several that notice the end, the first one counts. @returns the campaign as it is kept, `undefined` when another was first
 */
export async function endSent(deps: EndSendDeps, campaign: Campaign, sentAt: string): Promise<Campaign | undefined> {
  const { tenantId, id } = campaign;
  const ended = finish(deps, campaign, 'succeeded');
  const updatedAt = toIso(deps.clock.now());
  const sent = await deps.campaigns.save({ ...ended, status: 'sent', send: null, error: null, sentAt, updatedAt });
  if (!sent) return undefined;
  await removePointer(deps, campaign);
  deps.log.info('campaign.sent', { tenantId, campaignId: id });
  deps.metrics.add('Sends', { outcome: 'sent' });
  return sent;
}

/** Removes the pointer to a claim that is over. */
export async function removePointer({ claims }: Pick<EndSendDeps, 'claims'>, { tenantId, id, send }: Campaign): Promise<void> {
  if (send) await claims.remove(tenantId, id, send.claimId);
}

/** Ends a send that came to nothing, and puts that into the trail: whoever asked for it has long been answered. */
export async function endFailed(deps: EndSendDeps, campaign: Campaign, error: KeptError): Promise<void> {
  const { tenantId, id } = campaign;
  const ended = finish(deps, campaign, 'failed', error);
  const updatedAt = toIso(deps.clock.now());
  const failed = await deps.campaigns.save({ ...ended, status: 'error', send: null, error, updatedAt });
  if (!failed) return;
  deps.metrics.add('Sends', { outcome: error.code === 'send_outcome_unknown' ? 'unknown' : 'error' });
  await removePointer(deps, campaign);
  await recordSystemEvent(deps, {
    tenantId,
    action: 'campaign.send_failed',
    error: error.code,
    target: { type: 'campaign', id },
    before: { status: campaign.status },
    after: { status: failed.status },
  });
}
