import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Member } from './mailchimp-members.ts';

/** How far rows are read that only an offset leads through. Whoever leaves meanwhile moves others past the offset. */
export const offsetPass = z.object({
  /** Where the next page begins. */
  offset: z.number(),
  /** What the vendor counted at the page before; `null` before the first one. */
  total: z.number().nullable(),
  /** Whether it always counted the same in this pass. */
  isSteady: z.boolean(),
  /** The rows of this pass, and the sum of their hashes, which is the same in whatever order they come. */
  rows: z.number(),
  sum: z.number(),
  /** The same of the pass before, if that one was steady and whole. */
  before: z.object({ rows: z.number(), sum: z.number() }).nullable(),
  /** How many passes are over. */
  passes: z.number(),
});
export type OffsetPass = z.infer<typeof offsetPass>;

export const FIRST_PASS: OffsetPass = { offset: 0, total: null, isSteady: true, rows: 0, sum: 0, before: null, passes: 0 };

const HASH_BYTES = 6;
const hashOf = ({ id, last_changed: at }: Member): number =>
  createHash('sha256')
    .update(`${id} ${at ?? ''}`)
    .digest()
    .readUIntBE(0, HASH_BYTES);

/**
 * Goes on behind a page. When the vendor counts fewer than before, as many rows are read again; at the end a new pass begins,
 * and after twice as many rows as there are.
 * @returns `isClean` when everybody was met: one page held all, or two passes met the same, as many as the vendor counted
 */
export function advance(pass: OffsetPass, members: readonly Member[], total: number): { pass: OffsetPass; isClean: boolean } {
  const gone = Math.max(0, (pass.total ?? total) - total);
  const isSteady = pass.isSteady && (pass.total ?? total) === total;
  const rows = pass.rows + members.length;
  const sum = members.reduce((all, member) => (all + hashOf(member)) % 2 ** (8 * HASH_BYTES), pass.sum);
  const offset = gone > 0 ? Math.max(0, pass.offset - gone) : pass.offset + members.length;
  // Counts that rise and fall would lead back for ever.
  const isLost = rows > 2 * Math.max(total, pass.total ?? 0) + members.length;
  if (offset < total && !isLost) return { pass: { ...pass, offset, total, isSteady, rows, sum }, isClean: false };
  const isWhole = isSteady && rows === total;
  const isSame = isWhole && pass.before?.rows === rows && pass.before.sum === sum;
  return {
    pass: { ...FIRST_PASS, before: isWhole ? { rows, sum } : null, passes: pass.passes + 1 },
    isClean: isSame || (pass.offset === 0 && members.length >= total),
  };
}
