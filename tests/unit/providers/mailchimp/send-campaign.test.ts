import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { platformOf, problem, withMetadata } from '../../../support/open-mailchimp.ts';
import { openStub, type Stub, type StubAnswer } from '../../../support/stub-server.ts';

let stub: Stub;
beforeEach(async () => {
  stub = await openStub();
});
afterEach(() => stub.close());

const send = (answer: StubAnswer) => {
  stub.answer = withMetadata(
    () => stub,
    () => answer,
  );
  return platformOf(stub).sendCampaign('vc1');
};
const sends = () => stub.requests.filter(({ path }) => path === '/3.0/campaigns/vc1/actions/send');

describe("Mailchimp's answer to a send", () => {
  it.each<[string, StubAnswer, string]>([
    ['204', { status: 204 }, 'accepted'],
    ['429 with JSON', problem(429, 'Too Many Requests'), 'busy'],
    ['429 without a body', { status: 429 }, 'unknown'],
    ['429 with JSON that is no problem', { status: 429, json: {} }, 'unknown'],
    ['408 of a proxy', { status: 408, json: {} }, 'unknown'],
    ['404 with JSON that is no problem', { status: 404, json: [] }, 'unknown'],
    ['403 without JSON', { status: 403, text: '<html>' }, 'unknown'],
    ['500 with JSON', problem(500, 'Internal Server Error'), 'unknown'],
    ['a page with 502', { status: 502, text: '<html>' }, 'unknown'],
    ['a page with 200', { status: 200, text: '<html>' }, 'unknown'],
    ['503 of the edge', problem(503, 'akamai_503'), 'unknown'],
    ['503 of the compliance team', problem(503, 'Compliance Related'), 'unknown'],
    ['JSON that is cut off', { status: 200, text: '{"id": ' }, 'unknown'],
    ['a redirect', { status: 302, headers: { location: 'https://evil.test' } }, 'unknown'],
    ['a cut connection', 'cut', 'unknown'],
  ])('%s', async (_name, answer, wanted) => {
    expect(await send(answer)).toMatchObject({ kind: wanted });
    expect(sends()).toHaveLength(1);
  });

  it.each<[string, StubAnswer, string]>([
    ['400 not ready', problem(400, 'Bad Request', 'Your Campaign is not ready to send.'), 'campaign_not_ready'],
    ['400 in another state', problem(400, 'Invalid Action'), 'vendor_rejected'],
    ['404', problem(404, 'Resource Not Found'), 'vendor_rejected'],
    ['405', problem(405, 'Method Not Allowed'), 'vendor_rejected'],
    ['403 for lack of a right', problem(403, 'Forbidden'), 'plan_lacks_feature'],
    ['403 of a disabled account', problem(403, 'User Disabled'), 'account_disabled'],
    ['401 with a living token', problem(401, 'API Key Invalid'), 'api_endpoint_error'],
  ])('%s is a clear no', async (_name, answer, code) => {
    expect(await send(answer)).toMatchObject({ kind: 'refused', error: { code } });
    expect(sends()).toHaveLength(1);
  });

  it('401 with a dead token is a clear no as well', async () => {
    stub.answer = ({ path }) =>
      path === '/oauth2/metadata' ? { status: 200, json: { error: 'invalid_token' } } : problem(401, 'API Key Invalid');
    expect(await platformOf(stub).sendCampaign('vc1')).toMatchObject({ kind: 'refused', error: { code: 'invalid_token' } });
    expect(sends()).toHaveLength(1);
  });
});

describe('a read while the login host is down', () => {
  it('may be tried again later, for the refusal is not explained', async () => {
    stub.answer = ({ path }) => (path === '/oauth2/metadata' ? { status: 502, text: '<html>' } : problem(401, 'API Key Invalid'));
    await expect(platformOf(stub).readCampaign('vc1')).rejects.toMatchObject({ code: 'vendor_unavailable' });
  });
});
