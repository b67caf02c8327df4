import { describe, expect, it } from '@jest/globals';
import { classify, toVendorProblem, type MailchimpAnswer } from '../../../../src/providers/mailchimp/mailchimp-errors.ts';

const answer = (status: number, json: unknown): MailchimpAnswer => ({
  status,
  json,
  isPage: false,
  requestId: 'r-1',
  host: 'https://us7.api.mailchimp.com',
  at: '2026-09-21T06:00:00.000Z',
});
const titled = (title: string, more: object = {}) => ({ title, status: 0, detail: 'Words.', instance: 'i-1', ...more });

describe('classify', () => {
  it.each([
    ['200 with JSON', 200, {}, 'ok'],
    ['204 without a body', 204, undefined, 'ok'],
    ['401 for a dead token', 401, titled('API Key Invalid'), 'wrong_host_or_token'],
    ['401 without JSON', 401, undefined, 'wrong_host_or_token'],
    ['403 of a disabled account', 403, titled('User Disabled'), 'account_disabled'],
    ['403 of another data centre', 403, titled('Wrong Datacenter'), 'wrong_host_or_token'],
    ['403 of a missing right', 403, titled('Forbidden'), 'plan_lacks_feature'],
    ['403 of a missing role', 403, titled('User action not permitted'), 'plan_lacks_feature'],
    ['403 without JSON', 403, undefined, 'vendor_rate_limited'],
    ['404', 404, titled('Resource Not Found'), 'vendor_rejected'],
    ['405', 405, titled('Method Not Allowed'), 'vendor_rejected'],
    ['429 with JSON', 429, titled('Too Many Requests'), 'vendor_rate_limited'],
    ['429 without a body', 429, undefined, 'vendor_rate_limited'],
    ['500', 500, titled('Internal Server Error'), 'vendor_unavailable'],
    ['502 as a page', 502, undefined, 'vendor_unavailable'],
    ['503 of the edge', 503, titled('akamai_503'), 'vendor_unavailable'],
    ['a redirect', 302, undefined, 'vendor_unavailable'],
    ['400', 400, titled('Invalid Resource'), 'vendor_rejected'],
    [
      '400 for the list',
      400,
      titled('Invalid Resource', { errors: [{ field: 'recipients.list_id', message: 'x' }] }),
      'list_not_found',
    ],
    [
      '400 for the URL',
      400,
      titled('Invalid Resource', { errors: [{ field: 'url', message: 'Invalid URL' }] }),
      'webhook_rejected',
    ],
    [
      '400 for a URL that does not answer',
      400,
      titled('Invalid Resource', { detail: "We couldn't verify the URL is working. HTTP Code: 403" }),
      'webhook_rejected',
    ],
    ['400 for a checklist', 400, titled('Bad Request', { detail: 'Your Campaign is not ready to send.' }), 'campaign_not_ready'],
  ])('%s', (_name, status, json, meaning) => {
    expect(classify(answer(status, json))).toBe(meaning);
  });
});

describe('toVendorProblem', () => {
  it('keeps the words and the request id, and hides addresses', () => {
    const errors = [{ field: 'settings.reply_to', message: 'mona@harborlane.test is bad' }];
    expect(toVendorProblem(answer(400, titled('Invalid Resource', { detail: 'No <mona@harborlane.test>.', errors })))).toEqual({
      status: 400,
      title: 'Invalid Resource',
      detail: 'No <[address]>. settings.reply_to: [address] is bad',
      instance: 'i-1',
      requestId: 'r-1',
      at: '2026-09-21T06:00:00.000Z',
    });
  });

  it('says only the status of a page', () => {
    expect(toVendorProblem(answer(502, undefined))).toMatchObject({ status: 502, title: null, detail: null, instance: null });
  });
});
