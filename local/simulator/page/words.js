/** Numbers and times in words. All times are UTC, as the API gives them. */

const number = new Intl.NumberFormat('en');
const moment = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'UTC',
});

export const count = (value) => number.format(value);
export const plural = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;
/** @param at milliseconds, or a text that is a date */
export const when = (at) => moment.format(new Date(at));
export const timeOfDay = (at) => new Date(at).toISOString().slice(11, 19);

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** A span of time by its two largest units: `2 d 3 h`. */
export function span(ms) {
  let seconds = Math.round(Math.abs(ms) / 1000);
  const parts = [];
  for (const [unit, length] of UNITS) {
    const whole = Math.floor(seconds / length);
    seconds -= whole * length;
    if (whole > 0 || (parts.length > 0 && unit !== 's')) parts.push(`${whole} ${unit}`);
  }
  return parts.length === 0 ? '0 s' : parts.slice(0, 2).join(' ');
}

export const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);
