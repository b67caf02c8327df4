import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ENDPOINTS } from '../../../../src/providers/mailchimp/endpoints.ts';
import { watched } from '../../../../src/providers/mailchimp/watch-call.ts';
import { flushMetrics } from '../../../../src/runtime/metrics.ts';

let printed = '';
beforeEach(() => {
  printed = '';
  process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs24.x';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  delete process.env['AWS_EXECUTION_ENV'];
  jest.restoreAllMocks();
});

describe('a call of Mailchimp', () => {
  it.each([
    [200, 'ok'],
    [204, 'ok'],
    [404, 'refused'],
    [429, 'rate_limited'],
    [503, 'failed'],
  ])('that is answered %d is counted as %s, with how long it took', async (status, outcome) => {
    await watched(ENDPOINTS.ping, () => Promise.resolve({ status }));
    flushMetrics();
    expect(printed).toContain(`"platform":"mailchimp","outcome":"${outcome}","VendorCalls":1`);
    expect(printed).toMatch(/"platform":"mailchimp","VendorLatency":\d+/);
  });

  it('that is not answered is counted too, and stays the failure it was', async () => {
    await expect(watched(ENDPOINTS.ping, () => Promise.reject(new RangeError('gone')))).rejects.toThrow(RangeError);
    flushMetrics();
    expect(printed).toContain('"outcome":"no_answer","VendorCalls":1');
  });
});
