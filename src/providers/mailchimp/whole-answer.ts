import { AppError } from '../../core/shared/app-error.ts';

/** How often an answer is asked for that is not whole. */
const TRIES = 3;

/** The vendor counts rows that it does not give. Later it may. */
export const incompleteAnswer = (): AppError =>
  new AppError('vendor_unavailable', 'Mailchimp counted rows that it did not give.');

/**
 * Asks until the answer is whole, three times at most. An empty page of rows that are counted is not the end of them.
 * @throws AppError `vendor_unavailable` when it never is
 */
export async function wholeAnswer<T>(ask: () => Promise<T>, isWhole: (answer: T) => boolean): Promise<T> {
  for (let tries = 0; tries < TRIES; tries++) {
    const answer = await ask();
    if (isWhole(answer)) return answer;
  }
  throw incompleteAnswer();
}
