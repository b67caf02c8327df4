import { invalidResource } from './problem.ts';

/** The time as the API writes it: second precision and a numeric offset; a missing one is the empty string. */
export const isoSeconds = (ms: number | undefined): string =>
  ms === undefined ? '' : `${new Date(ms).toISOString().slice(0, 19)}+00:00`;

/** The time as webhooks write it, in UTC. */
export const firedAt = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

export const toSecond = (ms: number): number => Math.floor(ms / 1000);

/**
 * Reads a date given by a client. An unencoded `+` of the offset arrives as a blank and is understood.
 * @throws ApiProblem 400 when it is no date
 */
export function parseDate(text: string, field: string): number {
  const ms = Date.parse(text.trim().replace(/ (\d\d:?\d\d)$/, '+$1'));
  if (Number.isNaN(ms)) throw invalidResource([{ field, message: 'This value is not a valid datetime.' }]);
  return ms;
}
