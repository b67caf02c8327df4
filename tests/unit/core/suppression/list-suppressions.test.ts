import { describe, expect, it } from '@jest/globals';
import { fitsFilter, NO_FILTER, platformsOf, searchSuppression } from '../../../../src/core/suppression/list-suppressions.ts';
import { addFact, liftSuppression } from '../../../../src/core/suppression/suppress.ts';
import { mergeFact, type Fact, type NewFact, type Suppression } from '../../../../src/core/suppression/suppression.ts';
import { aFact, TENANT } from '../../../support/factories.ts';
import { fakeHasher, fakeSuppressions } from '../../../support/fake-suppressions.ts';

const SINCE = '2026-09-10T10:00:00.000Z';
const byHand = (): NewFact => aFact({ kind: 'manual', via: 'manual', platform: null, audienceId: null, actor: 'key_1' });
const factsOf = (...told: NewFact[]): Record<string, Fact> => told.reduce<Record<string, Fact>>(mergeFact, {});
const aRecord = (change: Partial<Suppression> = {}): Suppression => ({
  tenantId: TENANT,
  addressHash: 'hash',
  email: 'mona@x.test',
  facts: factsOf(aFact()),
  successors: [],
  predecessors: [],
  reason: 'unsubscribe',
  since: SINCE,
  version: 1,
  ...change,
});

describe('the platforms of a suppression', () => {
  it('are those that told what counts, each once', () => {
    const facts = factsOf(aFact(), aFact({ kind: 'bounce' }), aFact({ audienceId: 'aud_2' }));
    expect(platformsOf({ facts })).toEqual(['mailchimp']);
  });

  it('are none for what was said here, or lifted', () => {
    expect(platformsOf({ facts: factsOf(byHand()) })).toEqual([]);
    const lift = aFact({ kind: 'lift', via: 'manual', platform: null, audienceId: null, at: '2026-09-11T00:00:00.000Z' });
    expect(platformsOf({ facts: factsOf(aFact(), lift) })).toEqual([]);
  });
});

describe('a list of suppressions', () => {
  it('holds everybody who is suppressed, and nobody else', () => {
    expect(fitsFilter(aRecord(), NO_FILTER)).toBe(true);
    expect(fitsFilter(aRecord({ reason: null }), NO_FILTER)).toBe(false);
    expect(fitsFilter(aRecord({ since: null }), NO_FILTER)).toBe(false);
  });

  it('may be of one reason', () => {
    expect(fitsFilter(aRecord(), { ...NO_FILTER, reason: 'unsubscribe' })).toBe(true);
    expect(fitsFilter(aRecord(), { ...NO_FILTER, reason: 'bounce' })).toBe(false);
  });

  it('may be of one platform', () => {
    expect(fitsFilter(aRecord(), { ...NO_FILTER, platform: 'mailchimp' })).toBe(true);
    expect(fitsFilter(aRecord(), { ...NO_FILTER, platform: 'another' })).toBe(false);
    expect(fitsFilter(aRecord({ facts: factsOf(byHand()) }), { ...NO_FILTER, platform: 'mailchimp' })).toBe(false);
  });

  it.each([
    ['since', SINCE, true],
    ['since', '2026-09-10T10:00:00.001Z', false],
    ['since', '2026-09-10T09:59:59.999Z', true],
    ['until', SINCE, true],
    ['until', '2026-09-10T10:00:00.001Z', true],
    ['until', '2026-09-10T09:59:59.999Z', false],
  ])('may be of a span with both its ends: %s %s is %s', (end, time, fits) => {
    expect(fitsFilter(aRecord(), { ...NO_FILTER, [end]: time })).toBe(fits);
  });
});

describe('a search for an address', () => {
  const open = () => ({ suppressions: fakeSuppressions(), hasher: fakeHasher });

  it('finds one, whatever its spelling', async () => {
    const deps = open();
    await addFact(deps, TENANT, 'mona@x.test', aFact());
    const page = await searchSuppression(deps, TENANT, ' Mona@X.test ', NO_FILTER);
    expect(page).toMatchObject({ items: [{ email: 'mona@x.test', reason: 'unsubscribe' }], next: null });
    expect(page.items).toHaveLength(1);
  });

  it('finds none that is lifted, unknown, of another tenant, or outside the filter', async () => {
    const deps = open();
    const found = async (email: string, change = {}, tenantId = TENANT) =>
      searchSuppression(deps, tenantId, email, { ...NO_FILTER, ...change });
    const none = { items: [], next: null };
    await addFact(deps, TENANT, 'mona@x.test', aFact());
    expect(await found('lisa@x.test')).toEqual(none);
    expect(await found('mona@x.test', {}, 'ten_01J8B0000000000000000000ZZ')).toEqual(none);
    expect(await found('mona@x.test', { reason: 'bounce' })).toEqual(none);
    await liftSuppression(deps, TENANT, 'mona@x.test', { at: '2026-09-11T00:00:00.000Z', actor: 'key_1', reason: 'asked' });
    expect(await found('mona@x.test')).toEqual(none);
  });
});
