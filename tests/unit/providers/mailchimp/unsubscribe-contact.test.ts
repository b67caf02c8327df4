import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { memberList, type Member } from '../../../support/member-list.ts';
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
const MONA = '/3.0/lists/l1/members/590c490c72774a3ced608ed7f636e2c5';

describe('unsubscribing a contact', () => {
  it('changes nothing but the status of somebody who is subscribed', async () => {
    const asked = memberIs('subscribed');
    expect(await platformOf(stub).unsubscribeContact('l1', ' Mona.Kvist@HarborLane.test')).toBe(true);
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([`GET ${MONA}`, `PATCH ${MONA}`]);
    expect(JSON.parse(asked[1]?.body ?? '')).toEqual({ status: 'unsubscribed' });
    expect(asked[1]?.query.get('skip_merge_validation')).toBe('true');
  });

  it.each(['unsubscribed', 'cleaned', 'pending', 'transactional', 'archived', null])(
    'leaves somebody who is %s as they are',
    async (status) => {
      const asked = memberIs(status);
      expect(await platformOf(stub).unsubscribeContact('l1', 'mona.kvist@harborlane.test')).toBe(false);
      expect(asked.map(({ method }) => method)).toEqual(['GET']);
    },
  );
});

describe('reading subscribers', () => {
  const members = (count: number): Member[] =>
    Array.from({ length: count }, (_, index): Member => ({
      id: String(index).padStart(6, '0'),
      email_address: `${index}@x.test`,
      changedAt: 1_790_000_000 + index,
      status: index % 3 === 0 ? 'unsubscribed' : 'subscribed',
    }));

  it('reads all of them, a thousand at a time, and nobody else', async () => {
    const all = members(3_300);
    stub.answer = memberList(all);
    const [emails, totals]: [Set<string>, number[]] = [new Set(), []];
    for await (const page of platformOf(stub).readSubscribers('l1', null)) {
      page.emails.forEach((email) => emails.add(email));
      totals.push(page.total);
    }
    const wanted = all.filter(({ status }) => status === 'subscribed').map(({ email_address }) => email_address);
    expect([...emails].sort()).toEqual(wanted.sort());
    expect(totals).toEqual([2_200, 0, 0]);
  });

  it('skips nobody while those it has met are unsubscribed', async () => {
    const all = members(3_300).map((member): Member => ({ ...member, status: 'subscribed' }));
    stub.answer = memberList(all);
    const met = new Set<string>();
    for await (const { emails } of platformOf(stub).readSubscribers('l1', null)) {
      for (const email of emails) {
        met.add(email);
        const member = all.find(({ email_address }) => email_address === email);
        if (member && Number(member.id) % 2 === 0) member.status = 'unsubscribed';
      }
    }
    expect(met.size).toBe(3_300);
  });

  it('goes on at a cursor', async () => {
    stub.answer = memberList(members(3_000));
    let cursor: string | null = null;
    for await (const page of platformOf(stub).readSubscribers('l1', null)) {
      ({ cursor } = page);
      break;
    }
    const rest: string[] = [];
    for await (const { emails } of platformOf(stub).readSubscribers('l1', cursor)) rest.push(...emails);
    expect(rest).toContain('2999@x.test');
    expect(rest.length).toBeLessThan(1_500);
  });
});
