import { fraction, memberId, uniqueEmailId } from './ids.ts';
import type { GeneratedPopulation, Member, MemberStatus } from './records.ts';

const FIRST = ['Mona', 'Anders', 'Ingrid', 'Tomas', 'Lena', 'Pieter', 'Sanne', 'Ole', 'Maja', 'Jonas', 'Elif', 'Marta', 'Noor'];
const LAST = ['Kvist', 'Holm', 'Berg', 'Visser', 'Lund', 'Moreau', 'Costa', 'Dahl', 'Weber', 'Novak', 'Ruiz'];
const MONTH = 30 * 24 * 3_600_000;

const pick = (from: readonly string[], index: number): string => from[index % from.length] ?? '';

export const populationSize = (p: GeneratedPopulation): number => p.subscribed + p.unsubscribed + p.cleaned;

export const generatedEmail = (p: GeneratedPopulation, index: number): string =>
  `${pick(FIRST, index)}.${pick(LAST, Math.floor(index / FIRST.length))}.${index}@${p.domain}`.toLowerCase();

/** The index behind a generated address, or -1. */
export function indexOfEmail(p: GeneratedPopulation, email: string): number {
  const index = Number(/\.(\d+)@/.exec(email)?.[1] ?? Number.NaN);
  const known =
    Number.isSafeInteger(index) && index < populationSize(p) && generatedEmail(p, index) === email.trim().toLowerCase();
  return known ? index : -1;
}

/** Spreads the statuses over the population, each as often as asked: a stride without a common divisor permutes the indexes. */
export function generatedStatus(p: GeneratedPopulation, stride: number, index: number): MemberStatus {
  const place = (index * stride) % populationSize(p);
  if (place < p.subscribed) return 'subscribed';
  return place < p.subscribed + p.unsubscribed ? 'unsubscribed' : 'cleaned';
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** A stride near the golden section that reaches every index. */
export function strideFor(size: number): number {
  let stride = Math.max(1, Math.floor(size * 0.618));
  while (divisor(stride, size) !== 1) stride += 1;
  return stride;
}

/** Rises with the index, so that a window of time is a range of indexes. */
export const generatedLastChanged = (p: GeneratedPopulation, index: number): number =>
  Math.floor((p.from + ((p.to - p.from) * index) / populationSize(p)) / 1000) * 1000;

/** The contact id that goes with the id of a generated member, and the other way round. */
export const contactIdOf = (id: string): string => id.split('').reverse().join('');

/** One member of a generated population, the same every time. */
export function generatedMember(p: GeneratedPopulation, stride: number, index: number, accountId: string): Member {
  const email = generatedEmail(p, index);
  const status = generatedStatus(p, stride, index);
  const lastChanged = generatedLastChanged(p, index);
  return {
    // Hashes are worked out when they are read: a filter that looks at a million people reads none of them.
    get id() {
      return memberId(email);
    },
    seq: index,
    email,
    get uniqueEmailId() {
      return uniqueEmailId(accountId, email);
    },
    get contactId() {
      return contactIdOf(memberId(email));
    },
    webId: 700_000_000 + index,
    status,
    complianceHold: status !== 'subscribed',
    ...(status === 'unsubscribed' ? { unsubscribeReason: 'N/A (Unsubscribed by admin)' } : {}),
    mergeFields: { FNAME: pick(FIRST, index), LNAME: pick(LAST, Math.floor(index / FIRST.length)) },
    emailType: 'html',
    ipSignup: '',
    get ipOpt() {
      return `198.51.100.${1 + Math.floor(fraction(`${p.seed}:ip:${index}`) * 254)}`;
    },
    timestampOpt: lastChanged - MONTH,
    lastChanged,
    language: 'en',
    vip: index % 97 === 0,
    tags: [],
    interests: {},
  };
}
