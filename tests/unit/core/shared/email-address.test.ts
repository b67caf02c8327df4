import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emailSchema, normalizeEmail } from '../../../../src/core/shared/email-address.ts';

describe('normalizeEmail', () => {
  it.each([
    ['Mona.Kvist@HarborLane.test', 'mona.kvist@harborlane.test'],
    ['  mona@harborlane.test\t\n', 'mona@harborlane.test'],
    ['mona.kvist+vip@harborlane.test', 'mona.kvist+vip@harborlane.test'],
    ['MONA+VIP@HARBORLANE.TEST', 'mona+vip@harborlane.test'],
    ['info@Bücher.example', 'info@xn--bcher-kva.example'],
    ['info@xn--bcher-kva.example', 'info@xn--bcher-kva.example'],
    ['jose\u0301@cafe.test', 'jos\u00e9@cafe.test'],
    ['JOS\u00c9@cafe.test', 'jos\u00e9@cafe.test'],
    ['no-at-sign', 'no-at-sign'],
    ['@nobody.test', '@nobody.test'],
    ['a@b@c.test', 'a@b@c.test'],
    ['me@not a domain', 'me@not a domain'],
    ['\u200Bgone@x.test', 'gone@x.test'],
    ['\u202A gone@x.test\u202C\uFEFF', 'gone@x.test'],
    ['gone@x.test.', 'gone@x.test'],
    ['gone@x\u3002test\u3002 ', 'gone@x.test'],
    ['gone@x.test/else', 'gone@x.test/else'],
    ['\u01F0an@x.test', '\u01F0an@x.test'],
    ['J\u030CAN@x.test', '\u01F0an@x.test'],
    ['ΟΔΟΣ@x.test', 'οδοσ@x.test'],
    ['οδος@x.test', 'οδοσ@x.test'],
    ['me@\u10A0.test', 'me@xn--rkj.test'],
  ])('%j is %j', (given, wanted) => {
    expect(normalizeEmail(given)).toBe(wanted);
  });

  it('keeps a plus part apart from the plain address', () => {
    expect(normalizeEmail('a+b@x.test')).not.toBe(normalizeEmail('a@x.test'));
  });

  it('is the same for every spelling of one mailbox, and for its own result', () => {
    fc.assert(
      fc.property(fc.emailAddress(), fc.constantFrom('', ' ', '\t', '\n '), (email, space) => {
        const normalized = normalizeEmail(email);
        expect(normalizeEmail(`${space}${email.toUpperCase()}${space}`)).toBe(normalized);
        expect(normalizeEmail(normalized)).toBe(normalized);
      }),
    );
  });
});

describe('letters of all alphabets', () => {
  const ALL = Array.from({ length: 0x110000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code));
  const changes = (letter: string): boolean =>
    new Set([letter, letter.toLowerCase(), letter.toUpperCase(), letter.normalize('NFC')]).size > 1;
  /** Whatever a normalisation may change, and what is invisible or a mark besides. */
  const SHARP = ALL.filter((letter) => changes(letter) || /[\s\p{Cf}\p{Mn}.:/]/u.test(letter));
  const composed = (text: string): string => text.normalize('NFC');
  /** Whose upper case leads back to it: a dotless i, for one, becomes an I, which is the upper case of another. */
  const CASED = ALL.filter(
    (letter) => letter.toUpperCase() !== letter && composed(letter.toUpperCase().toLowerCase()) === composed(letter),
  );

  it('end in one form, whose form is itself, wherever they stand', () => {
    expect(SHARP.length).toBeGreaterThan(4_000);
    const places = SHARP.flatMap((x) => [`${x}an@x.test`, `a${x}n@x.test`, `a${x}\u030C@x.test`, `a@x${x}.test`, `a@x.test${x}`]);
    const wrong = places.filter((email) => normalizeEmail(normalizeEmail(email)) !== normalizeEmail(email));
    expect(wrong).toEqual([]);
  });

  it('are the same in upper and lower case, wherever the one leads back to the other', () => {
    expect(CASED.length).toBeGreaterThan(1_300);
    const wrong = CASED.flatMap((x) => [`${x}@x.test`, `an${x}@x.test`, `a${x}n@x.test`, `a@x${x}n.test`]).filter(
      (email) => normalizeEmail(email.toUpperCase()) !== normalizeEmail(email),
    );
    expect(wrong).toEqual([]);
  });

  it('are both in any texts', () => {
    const unit = fc.oneof(fc.constantFrom(...SHARP), fc.constantFrom('@', '.', '\u0301', '\u030C', '\u0345', 'Σ', 'x'));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        const normalized = normalizeEmail(text);
        expect(normalizeEmail(normalized)).toBe(normalized);
      }),
      { numRuns: 5_000 },
    );
    const cased = fc.string({ unit: fc.oneof(fc.constantFrom(...CASED), fc.constantFrom('-', '1')), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(cased, (local) => {
        // Marks may be put into another order by the letters around them, in either case alike.
        fc.pre(composed(local.toUpperCase().toLowerCase().replaceAll('ς', 'σ')) === composed(local));
        expect(normalizeEmail(`${local.toUpperCase()}@x.test`)).toBe(normalizeEmail(`${local}@x.test`));
        expect(normalizeEmail(`${local}@X.test`)).toBe(normalizeEmail(`${local.normalize('NFD')}@x.test`));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('emailSchema', () => {
  it.each(['mona@harborlane.test', ' mona@harborlane.test ', 'a+b@x.co', 'info@bücher.example'])('takes %j', (email) => {
    expect(emailSchema.safeParse(email).success).toBe(true);
  });

  it.each(['', 'mona', 'mona@', '@x.test', 'a b@x.test', 'a@x', 'a@b@c.test', '<a@x.test>', `${'a'.repeat(320)}@x.test`])(
    'refuses %j',
    (email) => {
      expect(emailSchema.safeParse(email).success).toBe(false);
    },
  );

  it('leaves out what is invisible around an address, and a dot at its end', () => {
    expect(emailSchema.parse('\uFEFF\u202A Mona@x.test.\u200B')).toBe('Mona@x.test');
  });

  it.each([
    ['mailto:gone@x.test', 'must be the address alone, without mailto: or another colon'],
    ['go\u0000ne@x.test', 'must not hold characters that cannot be seen'],
    ['go\u200Bne@x.test', 'must not hold characters that cannot be seen'],
    ['gone@x.te\u00ADst', 'must not hold characters that cannot be seen'],
    ['m\uFFFDna@x.test', 'holds a character that could not be read: write it in UTF-8'],
    ['Ann <gone@x.test>', 'must be an e-mail address'],
    ['gone@x.test/else', 'must be an e-mail address'],
    ['gone@x.test..', 'must be an e-mail address'],
    [`mailto:\u0000${'a'.repeat(320)}`, 'must be at most 320 characters'],
  ])('says one thing of %j: it %s', (email, message) => {
    expect(emailSchema.safeParse(email).error?.issues.map((issue) => issue.message)).toEqual([message]);
  });

  it('takes no longer for a long text of blanks', () => {
    const started = performance.now();
    const long = `a${' '.repeat(2_000_000)}a`;
    expect([emailSchema.safeParse(long).success, normalizeEmail(long).length]).toEqual([false, 2_000_002]);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
