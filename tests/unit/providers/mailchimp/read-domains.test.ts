import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { platformOf, problem, withMetadata } from '../../../support/open-mailchimp.ts';
import { openStub, type Stub, type StubAnswer } from '../../../support/stub-server.ts';

let stub: Stub;
beforeEach(async () => {
  stub = await openStub();
});
afterEach(() => stub.close());

const read = (answer: StubAnswer) => {
  stub.answer = withMetadata(
    () => stub,
    () => answer,
  );
  return platformOf(stub).readDomains();
};

describe('the sender domains of an account', () => {
  it.each<[Record<string, unknown>, string, boolean, boolean]>([
    [{ verified: true, authenticated: true, status: 'AUTHENTICATED' }, 'done', true, false],
    [{ verified: true, authenticated: false, status: 'VERIFIED' }, 'done', false, false],
    [{ verified: true, authenticated: false, status: 'AUTHENTICATION_IN_PROGRESS' }, 'done', false, false],
    [{ verified: true, authenticated: false, status: 'AUTHENTICATION_ERROR' }, 'done', false, false],
    [{ verified: false, authenticated: false, status: 'VERIFICATION_IN_PROGRESS' }, 'pending', false, false],
    [{ verified: false, authenticated: false, status: 'EXPIRED' }, 'expired', false, false],
    [{ verified: false, authenticated: false, status: 'ERROR' }, 'none', false, false],
    [{ verified: false, status: 'SOMETHING_NEW' }, 'none', false, false],
    [{ verified: false, is_free_email_provider: true }, 'none', false, true],
    [{ verified: true }, 'done', false, false],
    [{}, 'none', false, false],
    [{ verified: null, authenticated: null, status: null, is_free_email_provider: null }, 'none', false, false],
  ])('%j', async (fields, verification, authenticated, freeMail) => {
    const answer = { domains: [{ domain: 'harborlane.test', ...fields }], total_items: 1 };
    expect(await read({ status: 200, json: answer })).toEqual([
      { domain: 'harborlane.test', verification, authenticated, freeMail },
    ]);
  });

  it('are asked for without a parameter: the contract knows none', async () => {
    await read({ status: 200, json: { domains: [], total_items: 0 } });
    expect(stub.requests.map(({ path, query }) => [path, query.size])).toEqual([['/3.0/verified-domains', 0]]);
  });

  it.each([403, 404])('are not told to a user without the right: %d', async (status) => {
    expect(await read(problem(status, 'Forbidden'))).toBeNull();
  });
});
