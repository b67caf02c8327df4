import { describe, expect, it } from '@jest/globals';
import { describeStep, explainCampaign } from '../../../../src/core/campaign/explain-campaign.ts';
import { STEP_NAMES } from '../../../../src/core/campaign/operation.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { ERROR_CODES } from '../../../../src/core/shared/errors.ts';
import { toKeptError } from '../../../../src/core/shared/kept-error.ts';
import { aCampaign, aSend } from '../../../support/factories.ts';

const AT = '2026-09-21T06:00:00.000Z';

describe('what a campaign tells', () => {
  it.each([
    ['a draft', aCampaign(), 'no', /^This is a draft\. Nothing was mailed\./],
    ['a draft that Mailchimp does not have yet', aCampaign({ synced: false }), 'no', /did not answer/],
    ['a draft planned in Mailchimp', aCampaign({ vendorStatus: 'schedule' }), 'no', /planned the sending/],
    ['a claim', aCampaign({ status: 'sending', send: aSend() }), 'no', /being checked/],
    [
      'a claim behind a change that was not answered',
      aCampaign({ status: 'sending', send: aSend({ queued: true, undoUntil: AT }), unsettledUntil: AT }),
      'no',
      /may still be on its way/,
    ],
    ['what was stopped in Mailchimp', aCampaign({ status: 'sent', vendorStatus: 'canceled' }), 'yes', /Part of the audience/],
    ['a claim that waits', aCampaign({ status: 'sending', send: aSend({ undoUntil: AT }) }), 'no', /2026-09-21, 06:00 UTC/],
    ['a request', aCampaign({ status: 'sending', send: aSend({ phase: 'requested' }) }), 'unknown', /answer is on the way/],
    ['a lost answer', aCampaign({ status: 'sending', send: aSend({ phase: 'unknown' }) }), 'unknown', /do not ask a second time/],
    ['a yes', aCampaign({ status: 'sending', send: aSend({ phase: 'accepted' }) }), 'going_out', /took the campaign/],
    ['a send begun in Mailchimp', aCampaign({ status: 'sending' }), 'going_out', /Mailchimp is sending/],
    ['the end', aCampaign({ status: 'sent', sentAt: AT }), 'yes', /sent at 2026-09-21, 06:00 UTC/],
  ])('of %s', (_name, campaign, mailed, happened) => {
    const explanation = explainCampaign(campaign);
    expect(explanation.mailed).toBe(mailed);
    expect(explanation.happened).toMatch(happened);
  });

  it.each(ERROR_CODES)('of the error %s says whether anybody can have got it, and what to do', (code) => {
    const error = toKeptError(new AppError(code, 'x'));
    const { mailed, happened, next } = explainCampaign(aCampaign({ status: 'error', error }));
    expect(mailed).toBe(code === 'send_outcome_unknown' || code === 'campaign_not_editable' ? 'unknown' : 'no');
    expect(happened.includes('Nothing was mailed.')).toBe(mailed === 'no');
    expect(next).toMatch(/[.!?]$/);
  });

  it('has a sentence for every step, and counts what was seen many times', () => {
    const sentences = STEP_NAMES.map((name) => describeStep({ name, times: 1, detail: null }));
    expect(new Set(sentences).size).toBe(STEP_NAMES.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(describeStep({ name: 'seen', times: 7, detail: 'sending' })).toBe(
      'We looked at Mailchimp: it is sending the campaign. (7 times)',
    );
    expect(describeStep({ name: 'seen', times: 1, detail: 'canceling' })).toContain('"canceling"');
    expect(describeStep({ name: 'waiting', times: 1, detail: AT })).toContain('06:00 UTC');
  });
});
