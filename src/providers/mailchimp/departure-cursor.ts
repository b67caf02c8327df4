import * as z from 'zod';
import type { DepartureCursor } from '../../core/email-platform/email-platform.ts';
import { MINUTE, SECOND, toIso } from '../../core/shared/clock.ts';
import { memberWindow } from './member-window.ts';
import { offsetPass } from './offset-pass.ts';

/** Changes may become visible a little late; what was read last time is read again this far back. */
export const OVERLAP_MS = 5 * MINUTE;

/**
 * What the newest rows behind the watermark looked like, and how many there were. Kept only when more than a page changed
 * within the overlap, and all of it was read: the next read then sees in one call that nothing changed.
 */
const fingerprint = z.object({ since: z.number(), total: z.number(), rows: z.number(), hash: z.string() });
export type Fingerprint = z.infer<typeof fingerprint>;

/** A read that is under way. Times are ms since the epoch, at whole seconds. */
const underWay = z.object({
  /** Behind this second everything is read; `null`: everything that there is. */
  from: z.number().nullable(),
  /** What is still to be read before `unread`. */
  open: z.array(memberWindow),
  /** From this second on nothing is read yet: the closed upper bound of the windows. */
  unread: z.number(),
  /** The first such bound of this read: the watermark stays behind it. */
  bound: z.number().nullable(),
  /** The newest change seen, in the vendor's own time. */
  newest: z.string().nullable(),
  /** Rows per call. */
  size: z.number(),
  /** Rows that were announced and are not read yet. */
  left: z.number(),
  /** The vendor does not sort: all is read by offset. `began`: the vendor's time at the beginning of the pass. */
  lost: z.object({ pass: offsetPass, began: z.number() }).optional(),
});
export type UnderWay = z.infer<typeof underWay>;

const atRest = z.object({ newest: z.string(), fingerprint });

/** A read that had not told anything yet when the vendor could not cope with its pages. */
const resized = z.object({ again: z.string().nullable(), size: z.number() });

export type Start =
  { kind: 'first' } | { kind: 'next'; newest: string; fingerprint: Fingerprint | null } | { kind: 'resumed'; reading: UnderWay };

/** A cursor from which is read in smaller pages. */
export const withSize = (again: DepartureCursor, size: number): string =>
  JSON.stringify({ again, size } satisfies z.infer<typeof resized>);

/** The cursor without a size, and the size; `null` when it has none. */
export function splitSize(cursor: DepartureCursor): { cursor: DepartureCursor; size: number | null } {
  if (cursor === null || !cursor.startsWith('{')) return { cursor, size: null };
  const found = resized.safeParse(JSON.parse(cursor)).data;
  return found ? { cursor: found.again, size: found.size } : { cursor, size: null };
}

/**
 * What a stored cursor says. At rest it is the watermark: the newest change seen, as an ISO time, or that with a
 * fingerprint; while a read is under way it is the read.
 */
export function parseCursor(cursor: DepartureCursor): Start {
  if (cursor === null) return { kind: 'first' };
  if (!cursor.startsWith('{')) return { kind: 'next', newest: cursor, fingerprint: null };
  const json: unknown = JSON.parse(cursor);
  const rest = atRest.safeParse(json);
  if (rest.success) return { kind: 'next', ...rest.data };
  const reading = underWay.safeParse(json);
  // Of another version: reading from the beginning only adds.
  return reading.success ? { kind: 'resumed', reading: reading.data } : { kind: 'first' };
}

/** Where a read stands that begins so. */
export function stateOf(start: Start, size: number): UnderWay {
  if (start.kind !== 'resumed') {
    const newest = start.kind === 'next' ? start.newest : null;
    const from = newest === null ? null : behind(newest);
    return { from, open: [], unread: (from ?? 0) + SECOND, bound: null, newest, size, left: 0 };
  }
  // Which members of a second were met is not known any more: it has all its passes before it again.
  const open = start.reading.open.map(({ pass, ...window }) => (pass ? { ...window, pass: { ...pass, passes: 0 } } : window));
  return { ...start.reading, open };
}

export const formatReading = (reading: UnderWay): string => JSON.stringify(reading);

export const formatRest = (newest: string | null, known: Fingerprint | null): DepartureCursor =>
  newest === null || known === null ? newest : JSON.stringify({ newest, fingerprint: known } satisfies z.infer<typeof atRest>);

/** The second behind which a read begins that goes on from a watermark. */
const behind = (newest: string): number => Math.floor(Date.parse(newest) / SECOND) * SECOND - OVERLAP_MS;

/** The watermark that a read began from, which is moved only when all was read. */
export const unmoved = (from: number | null): DepartureCursor => (from === null ? null : toIso(from + OVERLAP_MS));
