/**
 * What a value of a log may look like, by kind. A value that does not look so is never written. Nothing here lets an address, a
 * token or a secret through: ids have a prefix or a fixed form, words come from closed lists, and the one kind of text is searched.
 */
export type LogKind =
  | { readonly kind: 'id'; readonly pattern: RegExp; readonly example: string }
  | { readonly kind: 'word'; readonly words: readonly string[]; readonly example: string }
  | { readonly kind: 'number'; readonly example: string }
  | { readonly kind: 'flag'; readonly example: string }
  | { readonly kind: 'text'; readonly example: string };

/** Long enough for a ULID, and shorter than any secret. */
export const idOf = (prefix: string) =>
  ({ kind: 'id', pattern: new RegExp(`^${prefix}_[0-9A-Za-z]{10,30}$`), example: `${prefix}_01K…` }) as const;
export const idLike = (pattern: RegExp, example: string) => ({ kind: 'id', pattern, example }) as const;
export const wordOf = <const W extends readonly string[]>(words: W) =>
  ({ kind: 'word', words, example: words[0] ?? '' }) as const;
export const NUMBER = { kind: 'number', example: '3' } as const;
export const FLAG = { kind: 'flag', example: 'true' } as const;
/** Class or code of a fault and where it came from, in our own words. */
export const textLike = (example: string) => ({ kind: 'text', example }) as const;

const LONGEST_TEXT = 200;
/** Letters of code: no sentence of a person, no address, no URL's query. */
const CODE_TEXT = /^[\w$.<>#[\](),: -]*$/;
/** Long runs in which digits are mixed with letters are how secrets look; names of classes and functions are not so. */
const LONG_RUN = /[\w.-]{20,}/g;
const FRAME_FILE = /\.[cm]?[jt]s$/;
const SECRET_PREFIX = /\bilx_|\beyJ|bearer/i;

const looksSecret = (run: string): boolean => /\d/.test(run) && !FRAME_FILE.test(run);

/** Whether a text may hold an address, a token or a secret; when in doubt, it may. */
export const isTelling = (text: string): boolean =>
  text.length > LONGEST_TEXT ||
  !CODE_TEXT.test(text) ||
  SECRET_PREFIX.test(text) ||
  (text.match(LONG_RUN) ?? []).some(looksSecret);

/** What stands in the place of a text that may tell too much. */
export const REMOVED = '[removed]';
