import { describe, expect, it } from '@jest/globals';
import { advance, FIRST_PASS, type OffsetPass } from '../../../../src/providers/mailchimp/offset-pass.ts';
import type { Member } from '../../../../src/providers/mailchimp/mailchimp-members.ts';

const PAGE = 100;
const page = (from: number, size: number): Member[] =>
  Array.from({ length: size }, (_, index) => ({
    id: `m${from + index}`,
    email_address: `m${from + index}@x.test`,
    last_changed: '2026-09-01T00:00:00.000Z',
    unsubscribe_reason: null,
  }));

/** How many pages five passes take at a vendor that counts so. */
function callsOf(totalAt: (call: number) => number): { calls: number; isClean: boolean } {
  let [pass, calls, isClean]: [OffsetPass, number, boolean] = [FIRST_PASS, 0, false];
  while (!isClean && pass.passes < 5 && calls < 1_000) {
    const total = totalAt(calls++);
    ({ pass, isClean } = advance(pass, page(pass.offset, Math.max(0, Math.min(PAGE, total - pass.offset))), total));
  }
  return { calls, isClean };
}

describe('passes by offset', () => {
  it('are two when the vendor counts and gives the same', () => {
    expect(callsOf(() => 500)).toEqual({ calls: 10, isClean: true });
  });

  it.each([
    ['a page', PAGE],
    ['half a page', PAGE / 2],
    ['nearly all', 450],
  ])('come to an end, and prove nothing, where the count falls by %s and rises again each time', (_much, swing) => {
    const { calls, isClean } = callsOf((call) => (call % 2 === 0 ? 500 : 500 - swing));
    expect(isClean).toBe(false);
    // Five passes of at most twice the rows and a page, of which every second call may give nothing.
    expect(calls).toBeLessThanOrEqual(5 * 2 * (2 * 5 + 1));
  });
});
