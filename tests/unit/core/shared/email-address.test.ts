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
});
