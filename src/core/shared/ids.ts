import { createHash, randomBytes } from 'node:crypto';
import { decodeTime, encodeTime, ulid } from 'ulid';
import * as z from 'zod';

const PREFIX = {
  tenant: 'ten',
  campaign: 'cmp',
  audience: 'aud',
  hook: 'hook',
  template: 'tpl',
  automation: 'aut',
  connection: 'con',
  key: 'key',
  auditEntry: 'evt',
  operation: 'op',
} as const;
export type IdKind = keyof typeof PREFIX;

/** `ten_…`, `cmp_…`: the prefix makes a log line or a pasted id self-explaining. Opaque to clients. */
export const idSchema = (kind: IdKind) =>
  z.string().regex(new RegExp(`^${PREFIX[kind]}_[0-9A-Za-z]{10,40}$`), `is not an id of this kind, such as ${PREFIX[kind]}_…`);

/** A new id that sorts by its time of making. @param now milliseconds since the epoch */
export const newId = (kind: IdKind, now: number): string => `${PREFIX[kind]}_${ulid(Math.floor(now))}`;

/** When a ULID was made, ms since the epoch. */
export const timeOfId = (ulidPart: string): number => decodeTime(ulidPart);

const LAST_MOMENT = 2 ** 48 - 1;
const timePart = (ms: number): string => encodeTime(Math.min(Math.max(Math.trunc(ms), 0), LAST_MOMENT), 10);

/** The lowest and the highest id that can have been made in a span, both ends included; `null` is open. */
export const idsBetween = (kind: IdKind, fromMs: number | null, toMs: number | null): { first: string; last: string } => ({
  first: `${PREFIX[kind]}_${timePart(fromMs ?? 0)}${'0'.repeat(16)}`,
  last: `${PREFIX[kind]}_${timePart(toMs ?? LAST_MOMENT)}${'Z'.repeat(16)}`,
});

/**
 * An id that follows from what it names, so that writing the same thing twice meets the same item.
 * @param parts for an audience: platform, vendor account, vendor id
 */
export const derivedId = (kind: IdKind, ...parts: readonly string[]): string =>
  `${PREFIX[kind]}_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 26)}`;

/** The part of an id behind its prefix, as table keys hold it. */
export const bareId = (id: string): string => id.slice(id.indexOf('_') + 1);

/** A secret of 256 random bits, base64url: OAuth states, tickets, webhook secrets, API keys. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256 in hex: how secrets of high entropy are kept at rest. */
export const sha256 = (value: string | Buffer): string => createHash('sha256').update(value).digest('hex');

/** What tells a deployment from its copies, in ids and addresses. @param raw the id it was given, such as that of its stack */
export const deploymentIdOf = (raw: string): string => raw.replace(/[^0-9A-Za-z]/g, '').slice(0, 10);

/** What a deployment shows of its id to anybody: whether two answers are of the same one. */
export const deploymentMark = (deploymentId: string): string => sha256(`deployment ${deploymentId}`).slice(0, 12);
