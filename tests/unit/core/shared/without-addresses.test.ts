import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { withoutAddresses } from '../../../../src/core/shared/without-addresses.ts';

describe('a free text without addresses', () => {
  it.each([
    ['asked by mona@x.test on Monday', 'asked by [address] on Monday'],
    ['Mona <Mona.Kvist+vip@X.test>, and jo@y.test.', 'Mona <[address]>, and [address]'],
    ['mona@x.test', '[address]'],
    ["o'brien@x.test; 'mona@x.test'", "[address]; [address]'"],
    ['"mona kvist"@x.test', '[address]'],
    ['mo\u200Bna@b\u00FCcher.test', '[address]'],
    ['mona＠x.test', '[address]'],
    ['see https://x.test/out?who=mona%40x.test', 'see https:[address]'],
    ['a@b@c.test', '[address]'],
    ['mailto:mona@x.test', 'mailto:[address]'],
    ['Meet us @ 5', 'Meet us @ 5'],
    ['40% off, @everybody', '40% off, @everybody'],
    ['', ''],
  ])('%j is %j', (text, wanted) => {
    expect(withoutAddresses(text)).toBe(wanted);
  });

  it('names nobody whose address stood in it', () => {
    fc.assert(
      fc.property(fc.string(), fc.emailAddress(), fc.constantFrom(' ', ',', ';', '(', '<', '\n'), (before, email, mark) => {
        const left = withoutAddresses(`${before}${mark}${email} called`);
        expect(left).not.toContain(email);
        expect(left).not.toContain(email.slice(email.indexOf('@')));
      }),
    );
  });

  it('takes no longer for a long text without a blank', () => {
    const started = performance.now();
    withoutAddresses('a'.repeat(100_000));
    withoutAddresses('"'.repeat(100_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
