import { bookOf } from './member-book.ts';
import { countOf, recipientsOf } from './recipients.ts';
import type { Recipients } from './recipients-record.ts';
import type { Audience, Campaign } from './records.ts';
import { livingSegment } from './segment-conditions.ts';

/** Whom a campaign would go to if it were sent now: nobody, when its segment was deleted since. */
export const intendedRecipients = (list: Audience, { segmentOpts }: Campaign): Recipients =>
  recipientsOf(list, livingSegment(list, segmentOpts));

/** How many those are. */
export const intendedCount = (list: Audience, campaign: Campaign): number =>
  campaign.segmentOpts === undefined ? bookOf(list).count('subscribed') : countOf(list, intendedRecipients(list, campaign));
