import type { ApiCall } from './api-call.ts';
import { notFound } from './problem.ts';
import type { Campaign } from './records.ts';
import { entry, type Simulation } from './state.ts';

/** A campaign has a report once it was sent, and keeps it when the audience is deleted. */
export function hasReport({ state }: Simulation, campaign: Campaign): boolean {
  const { hideUnsentReports, reportsOutliveLists } = state.settings;
  const isThere = reportsOutliveLists || state.lists[campaign.listId] !== undefined;
  return isThere && (!hideUnsentReports || campaign.status === 'sent' || campaign.status === 'canceled');
}

/**
 * The campaign whose report a path names.
 * @throws ApiProblem 404, also before the mailing is through
 */
export function reportedCampaign({ sim, account, params }: ApiCall): Campaign {
  const campaign = entry(sim.state.campaigns, params['campaign_id'] ?? '');
  if (campaign === undefined || campaign.accountId !== account.id || !hasReport(sim, campaign)) throw notFound();
  return campaign;
}
