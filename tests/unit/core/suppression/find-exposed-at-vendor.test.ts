import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SECOND } from '../../../../src/core/shared/clock.ts';
import { findExposed } from '../../../../src/core/suppression/find-exposed.ts';
import { addFact } from '../../../../src/core/suppression/suppress.ts';
import { aFact, TENANT } from '../../../support/factories.ts';
import { fakeVendor } from '../../../support/fake-platform.ts';
import { fakeHasher, fakeSuppressions } from '../../../support/fake-suppressions.ts';
import type { Member } from '../../../support/member-list.ts';
import { memberVendor } from '../../../support/member-vendor.ts';
import { openStub, type Stub } from '../../../support/stub-server.ts';
import { testClock } from '../../../support/test-clock.ts';

let stub: Stub;
beforeAll(async () => {
  stub = await openStub();
});
afterAll(() => stub.close());

/** @param at the second of each member */
const membersAt = (count: number, at: (index: number) => number): Member[] =>
  Array.from({ length: count }, (_, index): Member => {
    const id = String(index).padStart(6, '0');
    return { id, email_address: `${id}@x.test`, changedAt: 1_780_000_000 + at(index), status: 'subscribed' };
  });

/** Looks for so many seconds at a vendor that takes one for a page. */
async function find(members: Member[], suppressed: readonly (Member | undefined)[], seconds: number) {
  const clock = testClock();
  const deps = { clock, suppressions: fakeSuppressions(), hasher: fakeHasher };
  for (const member of suppressed) if (member) await addFact(deps, TENANT, member.email_address, aFact());
  const { platform } = fakeVendor(clock);
  Object.assign(platform, memberVendor(stub, members, { beforePage: () => clock.advance(SECOND), now: () => clock.now() }));
  return findExposed(deps, platform, { tenantId: TENANT, audienceVendorId: 'l1', until: clock.now() + seconds * SECOND });
}

describe('suppressed people of a large audience', () => {
  it('are found by those who changed last, when there is no time for all', async () => {
    const members = membersAt(12_000, (index) => index);
    expect(await find(members, [members.at(-1)], 6.5)).toMatchObject({
      exposed: 1,
      checked: 6_994,
      total: 12_000,
      complete: false,
    });
    expect(await find(members, [members[0]], 6.5)).toMatchObject({ exposed: 0, complete: false });
  });

  it('are counted once when many changed in one second', async () => {
    const members = membersAt(1_500, () => 0);
    expect(await find(members, [members[0]], 60)).toEqual({ exposed: 1, checked: 1_500, total: 1_500, complete: true });
    const mixed = membersAt(2_100, (index) => (index < 1_100 ? 0 : index));
    expect(await find(mixed, [mixed[0], mixed[2_099]], 60)).toEqual({ exposed: 2, checked: 2_100, total: 2_100, complete: true });
  });

  it('are never called all compared before the end', async () => {
    for (const tied of [1_100, 2_100]) {
      const members = membersAt(2_100, (index) => (index < tied ? 0 : index));
      for (const seconds of [0.5, 1.5, 2.5, 3.5, 4.5]) {
        const { checked, complete, total } = await find(members, [], seconds);
        expect([total, complete]).toEqual([2_100, checked === 2_100]);
      }
    }
  });
});
