import { expect, it } from '@jest/globals';
import { parseCursor } from '../../../../src/providers/mailchimp/departure-cursor.ts';

const AT = '2026-09-20T10:00:00.000Z';

it('a cursor at rest is the watermark, and none is the beginning', () => {
  expect(parseCursor(null)).toEqual({ kind: 'first' });
  expect(parseCursor(AT)).toEqual({ kind: 'next', newest: AT, fingerprint: null });
});

it.each(['{}', '{"newest":1}', '{"open":[{"since":"yesterday"}]}', '{"windows":[],"size":1000}'])(
  'a cursor of another version, %s, has the list read from its beginning',
  (cursor) => {
    expect(parseCursor(cursor)).toEqual({ kind: 'first' });
  },
);
