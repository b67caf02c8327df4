import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { SECOND } from '../../../../src/core/shared/clock.ts';
import { findExposed } from '../../../../src/core/suppression/find-exposed.ts';
import { addFact, liftSuppression } from '../../../../src/core/suppression/suppress.ts';
import { aFact, TENANT } from '../../../support/factories.ts';
import { fakeVendor } from '../../../support/fake-platform.ts';
import { fakeHasher, fakeSuppressions } from '../../../support/fake-suppressions.ts';
import { testClock } from '../../../support/test-clock.ts';

/** @param secondsPerPage how long the vendor thinks about each page of two */
function open(secondsPerPage = 0) {
  const clock = testClock();
  const vendor = fakeVendor(clock);
  const read = vendor.platform.readSubscribers.bind(vendor.platform);
  vendor.platform.readSubscribers = async function* (...args) {
    for await (const page of read(...args)) {
      clock.advance(secondsPerPage * SECOND);
      yield page;
    }
  };
  const deps = { clock, suppressions: fakeSuppressions(), hasher: fakeHasher };
  const suppress = (email: string, tenantId = TENANT) => addFact(deps, tenantId, email, aFact());
  const find = (seconds = 60, audienceVendorId = 'c3a91f02be') =>
    findExposed(deps, vendor.platform, { tenantId: TENANT, audienceVendorId, until: clock.now() + seconds * SECOND });
  return { vendor, deps, suppress, find };
}
const SUBSCRIBERS = ['a@x.test', 'b@x.test', 'c@x.test', 'd@x.test', 'e@x.test'];

describe('suppressed people who are subscribed', () => {
  it('are counted through all pages, whatever the spelling', async () => {
    const { vendor, suppress, find } = open();
    vendor.subscribers.push(...SUBSCRIBERS.slice(0, 4), 'E@X.test');
    await suppress('a@x.test');
    await suppress('e@x.test');
    await suppress('nobody@x.test');
    expect(await find()).toEqual({ exposed: 2, checked: 5, total: 5, complete: true });
  });

  it('are none in an empty audience, of another tenant, or when lifted', async () => {
    const { vendor, deps, suppress, find } = open();
    expect(await find()).toEqual({ exposed: 0, checked: 0, total: 0, complete: true });
    vendor.subscribers.push(...SUBSCRIBERS);
    await suppress('a@x.test', 'ten_01J8B0000000000000000000ZZ');
    await suppress('b@x.test');
    await liftSuppression(deps, TENANT, 'b@x.test', { at: '2026-09-21T05:00:00.000Z', actor: 'key_1', reason: 'asked' });
    expect(await find()).toEqual({ exposed: 0, checked: 5, total: 5, complete: true });
  });

  it('are counted as far as time allows', async () => {
    const { vendor, suppress, find } = open(2);
    vendor.subscribers.push(...SUBSCRIBERS);
    await suppress('a@x.test');
    await suppress('e@x.test');
    expect(await find(3)).toEqual({ exposed: 1, checked: 4, total: 5, complete: false });
    expect(vendor.count('readSubscribers')).toBe(2);
    expect(await find(5)).toMatchObject({ exposed: 2, complete: true });
  });

  it('are all counted when time ends with the last page', async () => {
    const { vendor, find } = open(2);
    vendor.subscribers.push(...SUBSCRIBERS.slice(0, 4));
    expect(await find(4)).toMatchObject({ checked: 4, complete: true });
  });

  it('are not guessed when the vendor is silent in time, or has no such audience', async () => {
    const { vendor, find } = open();
    await expect(find(60, 'another')).rejects.toMatchObject({ code: 'list_not_found' });
    vendor.faults.push({ method: 'readSubscribers', error: new AppError('vendor_unavailable', 'Silence.') });
    await expect(find()).rejects.toMatchObject({ code: 'vendor_unavailable' });
  });

  it('are not waited for when the vendor is cut off at the end of the time', async () => {
    const { vendor, deps, find } = open();
    vendor.subscribers.push(...SUBSCRIBERS);
    const read = vendor.platform.readSubscribers.bind(vendor.platform);
    vendor.platform.readSubscribers = async function* (...args) {
      for await (const page of read(...args)) {
        yield page;
        deps.clock.advance(60 * SECOND);
        throw new AppError('vendor_unavailable', 'Cut off.');
      }
    };
    expect(await find()).toEqual({ exposed: 0, checked: 2, total: 5, complete: false });
  });
});
