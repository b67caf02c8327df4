import { bookOf } from './member-book.ts';
import { ApiProblem } from './problem.ts';
import { countOf, recipientsOf } from './recipients.ts';
import type { Recipients } from './recipients-record.ts';
import type { Audience, Campaign } from './records.ts';
import { segmentOf } from './segment-conditions.ts';

/** Whom a campaign would go to if it were sent now: nobody, when its segment was deleted since. */
export function intendedRecipients(list: Audience, { segmentOpts }: Campaign): Recipients {
  try {
    return recipientsOf(list, segmentOf(list, segmentOpts));
  } catch (error) {
    if (error instanceof ApiProblem) return { rows: [] };
    throw error;
  }
}

/** How many those are. */
export const intendedCount = (list: Audience, campaign: Campaign): number =>
  campaign.segmentOpts === undefined ? bookOf(list).count('subscribed') : countOf(list, intendedRecipients(list, campaign));
