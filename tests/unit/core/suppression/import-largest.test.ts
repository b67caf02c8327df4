import { describe, expect, it } from '@jest/globals';
import { SECOND } from '../../../../src/core/shared/clock.ts';
import { importSuppressions, type ImportRow } from '../../../../src/core/suppression/import-suppressions.ts';
import { TENANT } from '../../../support/factories.ts';
import { fakeHasher, fakeSuppressions } from '../../../support/fake-suppressions.ts';
import { testClock } from '../../../support/test-clock.ts';

/** Lines whose reason and time are wrong, with an address of these letters. */
const rowOf = (line: number, email: string): ImportRow => ({ line, email, reason: 'x', since: 'x', note: '' });
const dryRun = (rows: readonly ImportRow[]) => {
  const clock = testClock();
  const deps = { suppressions: fakeSuppressions(), hasher: fakeHasher, clock };
  return importSuppressions(deps, TENANT, rows, { dryRun: true, actor: 'key_1', until: clock.now() + 20 * SECOND });
};

describe('an import', () => {
  it.each(['\u0000', '\\', '\u20AC', '\u{E0001}'])(
    'of the largest file of %j is answered in less than the 6 MB that a function may answer',
    async (letter) => {
      const LINES = 10_000;
      const size = Math.floor((2 * 1024 * 1024) / LINES - '\n'.length - ',x,x'.length);
      const email = letter.repeat(Math.floor(size / Buffer.byteLength(letter)));
      const rows = Array.from({ length: LINES }, (_, index) => rowOf(index + 2, email));
      const lines = await dryRun(rows);
      expect(lines.every(({ outcome }) => outcome === 'invalid')).toBe(true);
      // The answer is a text within the answer of the function.
      expect(Buffer.byteLength(JSON.stringify({ statusCode: 200, body: JSON.stringify({ lines }) }))).toBeLessThan(5_500_000);
      const [long] = await dryRun([rowOf(2, letter.repeat(1_000))]);
      expect(long?.email?.length).toBeLessThanOrEqual(320);
    },
  );
});
