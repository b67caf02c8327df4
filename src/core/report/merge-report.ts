import { COUNT_FIELDS, type Decrease, type Report } from './report.ts';

/**
 * What to store after a new reading. No count ever falls: a total that the vendor took back or left out stays as it was
 * and is flagged, until the vendor says as much again. The vendor's own words are always the new ones.
 * @param stored the latest report, `undefined` before the first
 */
export function mergeReport(stored: Report | undefined, read: Report): Report {
  if (!stored) return read;
  const merged: Report = { ...read, decreases: [] };
  for (const field of COUNT_FIELDS) {
    const [kept, vendor] = [stored[field], read[field]];
    if (kept === null || (vendor !== null && vendor >= kept)) continue;
    merged[field] = kept;
    const flagged: Decrease | undefined = stored.decreases.find((decrease) => decrease.field === field);
    merged.decreases.push({
      field,
      kept,
      vendor,
      since: flagged?.since ?? read.asOf,
      keptFrom: flagged?.keptFrom ?? stored.asOf,
    });
  }
  return merged;
}
