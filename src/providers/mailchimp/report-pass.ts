import type { AbuseReport as Report, AbuseReportsPage as Answer } from './mailchimp-abuse-reports.ts';

export const idOf = ({ id }: Report): number => Number(id);
export const isRising = (ids: readonly number[]): boolean =>
  ids.every((id, index) => index === 0 || (ids[index - 1] ?? NaN) < id);
export const isFalling = (ids: readonly number[]): boolean =>
  ids.every((id, index) => index === 0 || (ids[index - 1] ?? NaN) > id);

/** One reading of complaints, page by page, and whether anybody can have been passed over. */
export class ReportPass {
  /** Where the next page begins: with the last row of the one before. */
  offset: number;
  /** What the vendor counted at first. */
  count = 0;
  /** Whether every page held the last row of the one before: nobody slipped between them. */
  isUnbroken = true;
  isOver = false;
  /** Whether everything was met: the count stood still and as many were met. */
  isWhole = false;
  private readonly met = new Set<Report['id']>();
  /** The same as numbers, as they came. */
  private readonly ids: number[] = [];
  private readonly known: { newest: number; count: number } | null;
  private isSteady = true;
  private isBegun = false;
  private seam: Report['id'] | null = null;

  /** @param known where known reports follow the new ones: the pass is over when they begin */
  constructor(begin: number, known: { newest: number; count: number } | null) {
    this.offset = begin;
    this.known = known;
  }

  take({ abuse_reports: reports, total_items: total }: Answer): void {
    if (!this.isBegun) [this.isBegun, this.count] = [true, total];
    const { seam, count } = this;
    if (seam !== null && !reports.some(({ id }) => id === seam)) this.isUnbroken = false;
    if (total !== count) this.isSteady = false;
    this.ids.push(...reports.filter(({ id }) => !this.met.has(id)).map(idOf));
    reports.forEach(({ id }) => this.met.add(id));
    const end = this.offset + reports.length;
    this.isOver = reports.length === 0 || end >= total || this.reachesKnown(reports, total);
    this.isWhole = this.isOver && this.isSteady && this.isUnbroken && this.met.size === total;
    // A page of one row has none to spare.
    const isOverlapping = reports.length > 1;
    this.seam = isOverlapping ? (reports.at(-1)?.id ?? null) : null;
    this.offset = isOverlapping ? end - 1 : end;
  }

  /** The highest id met. */
  newest(atLeast: number): number {
    return this.ids.reduce((highest, id) => (id > highest ? id : highest), atLeast);
  }

  /** How the vendor orders them, as far as the ids tell. */
  get order(): 'ascending' | 'descending' | null {
    if (this.ids.length < 2) return null;
    return isRising(this.ids) ? 'ascending' : isFalling(this.ids) ? 'descending' : null;
  }

  /** Whether the known reports begin on this page, after no more new ones than have come. */
  private reachesKnown(reports: readonly Report[], total: number): boolean {
    const { known, ids } = this;
    if (known === null) return false;
    return (
      reports.some((report) => idOf(report) <= known.newest) &&
      ids.filter((id) => id > known.newest).length <= total - known.count
    );
  }
}
