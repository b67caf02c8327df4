import { hash, randomBytes } from 'node:crypto';
import type { State } from './state.ts';

export const sha256 = (text: string): string => hash('sha256', text);

/** The next number of the world; ids made from it are the same in every run with the same seed. */
export function nextSequence(state: State): number {
  state.sequence += 1;
  return state.sequence;
}

/** Ten hexadecimal digits, as lists, campaigns, hooks and workflows have them. */
export const newHexId = (state: State, kind: string, length = 10): string =>
  sha256(`${state.seed}:${kind}:${nextSequence(state)}`).slice(0, length);

/** A number as templates, abuse reports and `web_id` have it. */
export const newNumber = (state: State): number => 51_200_000 + nextSequence(state) * 7;

/** What must not be guessable: tokens, codes and signing secrets. */
export const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex');

/** The id of a member within a list: the MD5 of the lower-cased address. */
export const memberId = (email: string): string => hash('md5', email.trim().toLowerCase());

/** What a client computes that forgets to lower-case. */
export const idAsWritten = (email: string): string => hash('md5', email);

/** The id of an address within an account, the same on all its lists. */
export const uniqueEmailId = (accountId: string, email: string): string =>
  sha256(`${accountId}:${email.trim().toLowerCase()}`).slice(0, 10);

/** A fraction in [0, 1) that depends on the text alone. */
export const fraction = (text: string): number => Number.parseInt(sha256(text).slice(0, 12), 16) / 2 ** 48;
