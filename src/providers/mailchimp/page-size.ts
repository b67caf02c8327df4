import { AppError } from '../../core/shared/app-error.ts';
import { PAGE_SIZE } from './read-member-page.ts';

/** Below this, a vendor that does not answer has another trouble than the size of the page. */
const SMALLEST = 50;

/** How many rows are asked for at once: fewer after the vendor could not cope, and then for as long as this is used. */
export class PageSize {
  /** Rows per call. */
  value: number;

  constructor(value = PAGE_SIZE) {
    this.value = value;
  }

  /**
   * Asks; when the vendor timed out or failed (which the client has retried as far as that makes sense), asks again for
   * half as many, down to 50: at most five more questions.
   * @throws AppError what the vendor said to the smallest page, and at once whatever a smaller page would not mend
   */
  async ask<T>(read: (size: number) => Promise<T>): Promise<T> {
    for (;;) {
      const asked = this.value;
      try {
        return await read(asked);
      } catch (error) {
        if (!isTooMuch(error) || asked <= SMALLEST) throw error;
        // Several may fail at once, asked for the same size.
        this.value = Math.min(this.value, Math.max(SMALLEST, Math.floor(asked / 2)));
      }
    }
  }
}

/** No answer in time, or one of the kind with which the vendor and its edge end calls that take too long. */
function isTooMuch(error: unknown): boolean {
  if (!(error instanceof AppError) || error.code !== 'vendor_unavailable') return false;
  const status = error.extras.vendor?.status ?? null;
  return status === null || status >= 500;
}
