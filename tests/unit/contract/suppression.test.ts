import { describe, expect, it } from '@jest/globals';
import { checkSuppressionsBody } from '../../../src/contract/suppression.ts';
import { toFieldProblems } from '../../../src/runtime/problem.ts';

const problemsOf = (emails: readonly unknown[]) => {
  const { error } = checkSuppressionsBody.safeParse({ emails });
  return error ? toFieldProblems(error) : [];
};

describe('a check of addresses', () => {
  it('takes them as they are given, with what is invisible around them', () => {
    const emails = [' Gone@X.test', '\u200Bgone@x.test', 'gone@x.test.'];
    expect(checkSuppressionsBody.parse({ emails })).toEqual({ emails });
  });

  it.each([
    ['Ann <gone@x.test>', 'must be an e-mail address'],
    ['', 'must be an e-mail address'],
    ['nobody', 'must be an e-mail address'],
    ['mailto:gone@x.test', 'must be the address alone, without mailto: or another colon'],
    ['go\0ne@x.test', 'must not hold characters that cannot be seen'],
    [`${'a'.repeat(320)}@x.test`, 'must be at most 320 characters'],
    [17, 'must be a string'],
  ])('refuses %j, which would be an answer about nobody', (email, message) => {
    expect(problemsOf(['a@x.test', email])).toEqual([{ field: 'emails.1', message }]);
  });

  it('names twenty of them at most, and how many there are besides', () => {
    const found = problemsOf(['a@x.test', ...Array.from({ length: 10_000 - 1 }, () => 'nobody')]);
    expect(found.map(({ field }) => field)).toEqual([
      ...Array.from({ length: 20 }, (_, index) => `emails.${index + 1}`),
      'emails',
    ]);
    expect(found.at(-1)?.message).toBe('has 9979 more that are not e-mail addresses');
    expect(problemsOf(Array.from({ length: 10_001 }, () => 'nobody'))).toEqual([
      { field: 'emails', message: 'give at most 10,000 addresses' },
    ]);
  });
});
