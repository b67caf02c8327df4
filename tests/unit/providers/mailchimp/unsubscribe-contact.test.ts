import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { platformOf, problem, withMetadata } from '../../../support/open-mailchimp.ts';
import { openStub, type Stub, type StubRequest } from '../../../support/stub-server.ts';

let stub: Stub;
beforeAll(async () => {
  stub = await openStub();
});
afterAll(() => stub.close());

/** The member of the contract's test vector, in one status; notes what is asked. */
function memberIs(status: string | null): StubRequest[] {
  const asked: StubRequest[] = [];
  stub.answer = withMetadata(
    () => stub,
    (request) => {
      asked.push(request);
      return status === null ? problem(404, 'Resource Not Found') : { status: 200, json: { status } };
    },
  );
  return asked;
}
/** Of the address as it was spelled: what the vendor listed, though not the hash of the lower-cased address. */
const MONA_ID = '1f2e3d4c5b6a79880716253443526170';
const MONA = `/3.0/lists/l1/members/${MONA_ID}`;

describe('unsubscribing a contact', () => {
  it('changes nothing but the status of somebody who is subscribed', async () => {
    const asked = memberIs('subscribed');
    expect(await platformOf(stub).unsubscribeContact('l1', MONA_ID)).toBe(true);
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([`GET ${MONA}`, `PATCH ${MONA}`]);
    expect(JSON.parse(asked[1]?.body ?? '')).toEqual({ status: 'unsubscribed' });
    expect(asked[1]?.query.get('skip_merge_validation')).toBe('true');
  });

  it.each(['unsubscribed', 'cleaned', 'pending', 'transactional', 'archived'])(
    'leaves somebody who is %s as they are',
    async (status) => {
      const asked = memberIs(status);
      expect(await platformOf(stub).unsubscribeContact('l1', MONA_ID)).toBe(false);
      expect(asked.map(({ method }) => method)).toEqual(['GET']);
    },
  );

  it('does not pass over in silence whom the vendor does not find', async () => {
    memberIs(null);
    await expect(platformOf(stub).unsubscribeContact('l1', MONA_ID)).rejects.toMatchObject({ code: 'vendor_rejected' });
  });
});
