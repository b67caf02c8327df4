import type { AuditStore } from '../audit/audit-entry.ts';
import { recordSystemEvent } from '../audit/record-system-event.ts';
import { toIso, type Clock } from '../shared/clock.ts';
import type { KeptError } from '../shared/kept-error.ts';
import type { Log } from '../shared/log.ts';
import type { Campaign, CampaignStore } from './campaign.ts';

/**
 * Ends a send that came to nothing, and puts that into the trail: whoever asked for it has long been answered. Of several
 * that notice it, the first one counts.
 */
export async function failSend(
  deps: { clock: Clock; log: Log; audit: AuditStore; campaigns: CampaignStore },
  campaign: Campaign,
  error: KeptError,
): Promise<void> {
  const updatedAt = toIso(deps.clock.now());
  const failed = await deps.campaigns.save({ ...campaign, status: 'error', send: null, error, updatedAt });
  if (!failed) return;
  await recordSystemEvent(deps, {
    tenantId: campaign.tenantId,
    action: 'campaign.send_failed',
    error: error.code,
    target: { type: 'campaign', id: campaign.id },
    before: { status: campaign.status },
    after: { status: failed.status },
  });
}
