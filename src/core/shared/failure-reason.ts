import * as z from 'zod';
import { isAppError } from './app-error.ts';
import { withoutAddresses } from './without-addresses.ts';

const MOST_CHARACTERS = 200;
const MOST_FIELDS = 5;
/** A line of a stack: the function, and the file without its folders. Anything else in a stack may be a person's text. */
const FRAME = /^\s*at (?:((?:async |new )?[\w$.<>#[\] ]{1,80}) \()?(?:[^()]*\/)?([\w.-]{1,60}:\d+:\d+)\)?$/;

/** Where an error was thrown, such as `runSync (index.mjs:812:9)`. Never a part of its message, which may name a person. */
export function firstFrame(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // The message stands in front of the frames and may itself have lines that look like one.
  const lines = (error.stack ?? '').replace(error.message, () => '').split('\n');
  for (const line of lines) {
    const [, name, place] = FRAME.exec(line) ?? [];
    if (place !== undefined) return name === undefined ? place : `${name} (${place})`;
  }
  return undefined;
}

/** No digits: a name of a class does without, and hardly a secret does. */
const NAME = /^[A-Za-z_]{1,60}$/;

/** The code or the class of an error, `unknown` where it calls itself something else. Never a part of its message. */
export function faultOf(error: unknown): string {
  if (isAppError(error)) return error.code;
  return error instanceof Error && NAME.test(error.name) ? error.name : 'unknown';
}

/** The same; of a message that does not fit its schema the fields that are wrong. */
function nameOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    const fields = error.issues.slice(0, MOST_FIELDS).map(({ path }) => path.join('.') || 'body');
    return `ZodError in ${[...new Set(fields)].join(', ')}`;
  }
  return faultOf(error);
}

/**
 * Why something failed, in one line of 200 characters at the most, for whoever has to mend it: code or class, and where.
 * Without the message, so without an address or a token.
 */
export function failureReason(error: unknown): string {
  const frame = error instanceof z.ZodError ? undefined : firstFrame(error);
  const reason = frame === undefined ? nameOf(error) : `${nameOf(error)} at ${frame}`;
  return withoutAddresses(reason).slice(0, MOST_CHARACTERS);
}
