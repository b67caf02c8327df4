import { bouncesOf } from './metrics.ts';
import { COUNT_FIELDS, type BounceCounts, type CountField, type Decrease, type Report } from './report.ts';

/** What a total was, and what the vendor says of it now. */
type Fall = Pick<Decrease, 'field' | 'kept' | 'vendor'>;

/** Alone they are no totals: a soft bounce may become a hard one. */
type SplitField = keyof BounceCounts;
const isSplit = (field: CountField): field is SplitField => field === 'hardBounces' || field === 'softBounces';

const splitOf = ({ hardBounces, softBounces }: Report): BounceCounts => ({ hardBounces, softBounces });

/**
 * Hard and soft bounces as one reading of the vendor told them, never one of them from one reading and one from another:
 * their sum could be one that nobody said. What never falls is the sum; within a sum that is not smaller either may fall.
 */
function mergeBounces(stored: BounceCounts, read: BounceCounts): { split: BounceCounts; fall: Fall | null } {
  const [kept, vendor] = [bouncesOf(stored), bouncesOf(read)];
  const keep = (fall: Fall) => ({ split: stored, fall });
  const take = { split: read, fall: null };
  if (kept !== null) return vendor !== null && vendor >= kept ? take : keep({ field: 'bounces', kept, vendor });
  if (vendor !== null) return take;
  // Neither tells both. What is known of one stays until the vendor says as much of the same one, or tells both.
  for (const field of ['hardBounces', 'softBounces'] as const) {
    const [known, now] = [stored[field], read[field]];
    if (known !== null) return now !== null && now >= known ? take : keep({ field, kept: known, vendor: now });
  }
  return take;
}

/**
 * What to store after a new reading. No total ever falls: one that the vendor took back or left out stays as it was
 * and is flagged, until the vendor says as much again. The vendor's own words are always the new ones.
 * @param stored the latest report, `undefined` before the first
 */
export function mergeReport(stored: Report | undefined, read: Report): Report {
  if (!stored) return read;
  const bounces = mergeBounces(splitOf(stored), splitOf(read));
  const merged: Report = { ...read, ...bounces.split, decreases: [] };
  const flag = (fall: Fall): void => {
    const flagged = stored.decreases.find(({ field }) => field === fall.field);
    merged.decreases.push({ ...fall, since: flagged?.since ?? read.asOf, keptFrom: flagged?.keptFrom ?? stored.asOf });
  };
  for (const field of COUNT_FIELDS) {
    const [kept, vendor] = [stored[field], read[field]];
    if (isSplit(field) || kept === null || (vendor !== null && vendor >= kept)) continue;
    merged[field] = kept;
    flag({ field, kept, vendor });
  }
  if (bounces.fall) flag(bounces.fall);
  return merged;
}
