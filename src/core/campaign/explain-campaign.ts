import type { Campaign } from './campaign.ts';
import type { OperationKind, Step, StepName } from './operation.ts';

/** What became of a campaign, for people who do not know what an API is. */
export interface Explanation {
  /** Whether anybody can have got it. `unknown` only while, or because, nobody can tell. */
  mailed: 'no' | 'going_out' | 'yes' | 'unknown';
  happened: string;
  /** What to do, `null` when there is nothing to do. */
  next: string | null;
}

const NOTHING_MAILED = 'Nothing was mailed.';

/** Says in plain words what a campaign's state means: for its page, and for whoever reads the API. Pure. */
export function explainCampaign(campaign: Campaign): Explanation {
  switch (campaign.status) {
    case 'draft':
      return explainDraft(campaign);
    case 'sending':
      return explainSending(campaign);
    case 'sent':
      if (campaign.vendorStatus === 'canceled') {
        return {
          mailed: 'yes',
          happened: 'Somebody stopped the campaign in Mailchimp while it went out. Part of the audience got it.',
          next: 'Its numbers tell how many. Duplicate it to write to the others.',
        };
      }
      // The last change did not reach Mailchimp before somebody sent the campaign there.
      if (!campaign.synced) {
        return {
          mailed: 'yes',
          happened: 'The campaign was sent in Mailchimp before its last change was brought there. What was mailed may differ.',
          next: 'Look at the campaign in Mailchimp.',
        };
      }
      return {
        mailed: 'yes',
        happened: campaign.sentAt ? `The campaign was sent at ${inWords(campaign.sentAt)}.` : 'The campaign was sent.',
        next: 'The first numbers can take an hour to come in, and are complete after about a day.',
      };
    case 'error':
      return explainError(campaign);
  }
}

const inWords = (iso: string): string => `${iso.slice(0, 10)}, ${iso.slice(11, 16)} UTC`;

function explainDraft({ synced, vendorStatus }: Campaign): Explanation {
  if (vendorStatus === 'schedule') {
    return {
      mailed: 'no',
      happened: 'Somebody planned the sending of this campaign in Mailchimp. Mailchimp will send it at the time set there.',
      next: 'To send it now, send it here. To stop it, take the planned sending back in Mailchimp.',
    };
  }
  if (!synced) {
    return {
      mailed: 'no',
      happened: `The draft is kept here, but Mailchimp did not answer when it was brought over. ${NOTHING_MAILED}`,
      next: 'It is brought over again in a few minutes, and before any send.',
    };
  }
  return { mailed: 'no', happened: `This is a draft. ${NOTHING_MAILED}`, next: 'Send it when it is ready.' };
}

function explainSending({ send, unsettledUntil }: Campaign): Explanation {
  if (!send) {
    return { mailed: 'going_out', happened: 'Mailchimp is sending the campaign.', next: null };
  }
  switch (send.phase) {
    case 'claimed':
      if (send.undoUntil !== null && unsettledUntil !== null) {
        return {
          mailed: 'no',
          happened: `A change of the campaign may still be on its way at Mailchimp. The campaign goes out at ${inWords(send.undoUntil)}, as it is here. Until then nothing is mailed.`,
          next: 'If something is wrong with it, take it back before that time.',
        };
      }
      return send.undoUntil === null
        ? {
            mailed: 'no',
            happened: 'The campaign is being checked, and is then handed to Mailchimp.',
            next: 'Nothing: it goes on by itself.',
          }
        : {
            mailed: 'no',
            happened: `The campaign goes out at ${inWords(send.undoUntil)}. Until then nothing is mailed.`,
            next: 'If something is wrong with it, take it back before that time.',
          };
    case 'requested':
      return {
        mailed: 'unknown',
        happened: 'Mailchimp was asked to send the campaign. Its answer is on the way.',
        next: 'Nothing: we look what became of it.',
      };
    case 'accepted':
      return { mailed: 'going_out', happened: 'Mailchimp took the campaign and is sending it.', next: null };
    case 'unknown':
      return {
        mailed: 'unknown',
        happened:
          'Mailchimp was asked once to send the campaign, and its answer was lost. It may be going out, or it may not. ' +
          'We do not ask a second time, so nobody gets it twice.',
        next: `We look again and again until Mailchimp tells. If ten minutes of clear answers show an unsent draft, you can send it again.${
          send.lastPollAt === null ? '' : ` Last looked at ${inWords(send.lastPollAt)}.`
        }`,
      };
  }
}

function explainError({ error, operation }: Campaign): Explanation {
  if (operation?.kind === 'delete' && operation.endedAt === null) {
    return {
      mailed: 'no',
      happened: `The draft is being deleted; Mailchimp has not confirmed it yet. ${NOTHING_MAILED}`,
      next: 'Nothing: it goes on by itself. Delete it again if it is still here tomorrow.',
    };
  }
  if (!error) return { mailed: 'unknown', happened: 'Something went wrong.', next: null };
  const next = /[.!?]$/.test(error.fix) ? error.fix : `${error.fix}.`;
  // It was found sent at Mailchimp: the next sync shows what became of it.
  if (error.code === 'send_outcome_unknown' || error.code === 'campaign_not_editable')
    return { mailed: 'unknown', happened: error.cause, next };
  const happened = error.cause.includes(NOTHING_MAILED) ? error.cause : `${error.cause} ${NOTHING_MAILED}`;
  return { mailed: 'no', happened, next };
}

const STEPS: Record<StepName, string> = {
  stored: 'The draft was stored here.',
  create_asked: 'Mailchimp was asked to create the draft.',
  create_unanswered: 'Mailchimp did not answer whether it created the draft.',
  draft_created: 'Mailchimp created the draft.',
  draft_found: 'The draft was found at Mailchimp by its name, so none was created a second time.',
  draft_updated: 'The settings of the draft were brought to Mailchimp.',
  content_set: 'The content was brought to Mailchimp.',
  claimed: 'The send was asked for. While it is worked on nobody else can send this campaign.',
  preflight_passed: 'The checks before the send found nothing against it.',
  test_unanswered: 'Mailchimp did not answer whether it mailed the test.',
  waiting: 'The send waits, and can be taken back.',
  taken_back: 'The send was taken back. Nothing was mailed.',
  unscheduled: 'The sending planned in Mailchimp was taken back, so that it can be sent now.',
  send_requested: 'Mailchimp was asked to send.',
  send_accepted: 'Mailchimp said yes.',
  send_unanswered: 'Mailchimp gave no answer that could be understood. From here on we only look.',
  send_busy: 'Mailchimp was busy and took nothing, so it may be asked again.',
  send_refused: 'Mailchimp said no.',
  seen: 'We looked at Mailchimp.',
  unreachable: 'We looked, and Mailchimp did not answer.',
  disconnected: 'We could not look: no account was connected.',
};

const SEEN: Record<string, string> = {
  save: 'it shows a draft that was not sent.',
  schedule: 'it shows a planned sending.',
  sending: 'it is sending the campaign.',
  sent: 'it has sent the campaign.',
};

/** One step of an operation as a sentence; what was seen many times says so. */
export function describeStep({ name, times, detail }: Pick<Step, 'name' | 'times' | 'detail'>): string {
  const seen =
    name === 'seen' && detail !== null ? `We looked at Mailchimp: ${SEEN[detail] ?? `it shows "${detail}".`}` : undefined;
  const warned =
    name === 'preflight_passed' && detail !== null
      ? `The checks before the send found nothing that stops it; the campaign shows what they warn of (${detail}).`
      : undefined;
  const waits =
    name === 'waiting' && detail !== null ? `The send waits until ${inWords(detail)}, and can be taken back.` : undefined;
  return `${seen ?? warned ?? waits ?? STEPS[name]}${times > 1 ? ` (${times} times)` : ''}`;
}

export const OPERATION_TITLES: Record<OperationKind, string> = {
  create: 'New draft',
  edit: 'Change',
  delete: 'Deletion',
  test: 'Test mail',
  send: 'Send',
};
