import { AppError } from '../../core/shared/app-error.ts';
import { SECOND } from '../../core/shared/clock.ts';
import { NoTimeLeft } from './no-time-left.ts';
import { PAGE_SIZE } from './read-pages.ts';

/** Below this, a vendor that does not answer has another trouble than the size of the page. */
const SMALLEST = 50;
/** A page that takes longer is asked for in halves: all of them together fit into the time of one step. */
export const PAGE_PATIENCE_MS = 25 * SECOND;

/** The vendor could not cope with a page. From now on fewer rows are asked for; the same may be asked again. */
export class PageTooLarge extends Error {}

/** How many rows are asked for at once: fewer after the vendor could not cope. */
export class PageSize {
  /** Rows per call. */
  value: number;

  constructor(value = PAGE_SIZE) {
    this.value = value;
  }

  /**
   * Asks for a page, at most 25 s long; for the smallest one as long as the client waits.
   * @throws PageTooLarge when the vendor timed out or failed (which the client has retried as far as that makes sense) and
   *   half as many rows, down to 50, may help
   * @throws AppError what the vendor said to the smallest page, and at once whatever a smaller page would not mend
   */
  async ask<T>(read: (size: number, timeoutMs: number | undefined) => Promise<T>): Promise<T> {
    const asked = this.value;
    const isSmallest = asked <= SMALLEST;
    try {
      return await read(asked, isSmallest ? undefined : PAGE_PATIENCE_MS);
    } catch (error) {
      if (isSmallest || !isTooMuch(error)) throw error;
      // Several may fail at once, asked for the same size.
      this.value = Math.min(this.value, Math.max(SMALLEST, Math.floor(asked / 2)));
      throw new PageTooLarge();
    }
  }
}

/** No answer in time, or one of the kind with which the vendor and its edge end calls that take too long. */
function isTooMuch(error: unknown): boolean {
  if (!(error instanceof AppError) || error instanceof NoTimeLeft || error.code !== 'vendor_unavailable') return false;
  const { vendor } = error.extras;
  return vendor !== undefined && (vendor.status === null || vendor.status >= 500);
}
