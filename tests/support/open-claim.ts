import type { Campaign, Send } from '../../src/core/campaign/campaign.ts';
import { newOperation } from '../../src/core/campaign/operation.ts';
import type { VendorCampaign } from '../../src/core/email-platform/email-platform.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import type { Followup } from '../../src/core/sync/queue-messages.ts';
import { TENANT } from './factories.ts';
import { openCampaigns, putDraft } from './open-campaigns.ts';

const NOW = '2026-09-21T06:00:00.000Z';
const CLAIM_ID = 'op_01J8B0000000000000000000PP';

/** What a vendor that is not there any more has said. */
export const PROBLEM = { status: 503, title: 'Away', detail: null, instance: null, requestId: 'r1', at: NOW };
export const silence = (): AppError => new AppError('vendor_unavailable', 'No answer.', { vendor: PROBLEM });

/** A campaign that one request has claimed, and its message, which is about to be worked on; nothing else happens by itself. */
export function openClaim(send: Partial<Send> = {}, change: Partial<Campaign> = {}) {
  const world = openCampaigns();
  const id = putDraft(world);
  const draft = world.campaigns.records.get(id);
  if (!draft) throw new Error('There is no draft.');
  const claimed: Send = {
    phase: 'claimed',
    claimId: CLAIM_ID,
    claimedAt: NOW,
    requestedAt: null,
    unsentSince: null,
    polls: 0,
    lastPollAt: null,
    queued: true,
    undoUntil: null,
    ...send,
  };
  const operation = newOperation('send', world.clock.now(), CLAIM_ID);
  world.campaigns.records.set(id, { ...draft, status: 'sending', send: claimed, operation, ...change });
  const followups: { followup: Followup; seconds: number }[] = [];
  const deps = {
    ...world.openProcess(),
    followups: {
      send: (followup: Followup, seconds: number) => {
        followups.push({ followup, seconds });
        return Promise.resolve();
      },
    },
  };
  const ticket = { tenantId: TENANT, campaignId: id, claimId: CLAIM_ID, poll: claimed.polls };
  const { platform } = world.vendor;
  const sees = (look: Partial<VendorCampaign> | Error | undefined): void => {
    platform.readCampaign = () => {
      if (look instanceof Error) return Promise.reject(look);
      const shown = {
        vendorId: 'vc1',
        title: '',
        vendorStatus: 'save',
        settled: 'draft' as const,
        archiveUrl: null,
        sentAt: null,
      };
      return Promise.resolve(look && { ...shown, ...look });
    };
  };
  const answers = (answer: Awaited<ReturnType<typeof platform.sendCampaign>> | Error): { asked: string[] } => {
    const asked: string[] = [];
    platform.sendCampaign = (vendorId) => {
      asked.push(vendorId);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
    return { asked };
  };
  const stored = () => world.campaigns.records.get(id);
  const steps = () => (stored()?.operation?.steps ?? []).map(({ name, detail, vendor }) => ({ name, detail, vendor }));
  return { world, deps, ticket, platform, followups, sees, answers, stored, steps };
}
