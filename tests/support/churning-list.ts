import pLimit from 'p-limit';
import type * as z from 'zod';
import type { Address, Repeatable } from '../../src/providers/mailchimp/address.ts';
import type { CallDetails } from '../../src/providers/mailchimp/call-mailchimp.ts';
import type { ReadingClient } from '../../src/providers/mailchimp/mailchimp-members.ts';
import { memberList, type Member, type Naive } from './member-list.ts';
import { seededRandom } from './seeded-random.ts';

export const START = Date.parse('2026-09-01T00:00:00Z') / 1000;
const YEAR = 365 * 86_400;

/** So many members that left in one second, at an offset in seconds. */
export const tie = (second: number, count: number, prefix = `s${second}`): Member[] =>
  Array.from({ length: count }, (_, index) => {
    const id = `${prefix}-${String(index).padStart(6, '0')}`;
    return { id, email_address: `${id}@x.test`, changedAt: START + second, status: 'unsubscribed' };
  });

/**
 * An account's client over a list in memory, with the real one's limit of calls in flight. An answer shows the list at one
 * moment; before and after it time passes, in which others may be answered.
 * @param churn told before and after each answer; changes the list and says how many seconds went by
 */
export function listClient(members: Member[], churn: (now: number) => number = () => 0, now = START) {
  const limit = pLimit(6);
  const asked: URLSearchParams[] = [];
  const client = {
    vendorNow: null as number | null,
    second: now,
    asked,
    inFlight: 0,
    mostInFlight: 0,
    /** How long a question takes. */
    travel: (): Promise<void> => Promise.resolve(),
    /** Thrown at instead of an answer. */
    refuse: (_query: URLSearchParams): void => undefined,
    naive: {} as Naive,
    request: <T extends z.ZodType>(
      schema: T,
      _address: Address<Repeatable>,
      { query: asks = {} }: CallDetails = {},
    ): Promise<z.output<T>> =>
      limit(async () => {
        client.mostInFlight = Math.max(client.mostInFlight, ++client.inFlight);
        const query = new URLSearchParams(Object.entries(asks).map(([name, value]): [string, string] => [name, String(value)]));
        asked.push(query);
        try {
          client.second += churn(client.second);
          await client.travel();
          client.refuse(query);
          const { json } = memberList(members, undefined, client.naive)({ query });
          client.second += churn(client.second);
          await Promise.resolve();
          client.vendorNow = client.second * 1000;
          return schema.parse(json);
        } finally {
          client.inFlight--;
        }
      }),
  };
  return client satisfies ReadingClient;
}

/**
 * A list with years, bursts and ties, and what happens to it while it is read: the same for the same seed.
 * @param timeless how many of those who left have no time
 * @param lag the most seconds until a change becomes visible
 */
export function churningList(seed: number, { timeless = 0, lag = 0 } = {}) {
  const random = seededRandom(seed * 7_919 + 13);
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const oneOf = (values: readonly number[]): number => values[upTo(values.length - 1)] ?? 0;
  const members: Member[] = [];
  const newcomer = (status: Member['status'], changedAt: number): void => {
    const id = `m${String(Math.floor(random() * 1e9)).padStart(9, '0')}-${members.length}`;
    members.push({ id, email_address: `${id}@x.test`, changedAt, status });
  };
  for (let burst = upTo(6); burst >= 0; burst--) {
    const at = START - oneOf([1, 30, 600, 86_400, YEAR, 10 * YEAR]) * random();
    const [people, seconds] = [upTo(30), oneOf([0, 3, 600, YEAR])];
    for (let one = 0; one < people; one++) newcomer('unsubscribed', Math.min(START, Math.floor(at - random() * seconds)));
  }
  for (let one = 0; one < 30; one++) newcomer('subscribed', START - upTo(YEAR));
  members.slice(0, timeless).forEach((member) => Object.assign(member, { isTimeless: true }));
  const hidden: { visibleAt: number; show: () => void }[] = [];
  const later = (now: number, show: () => void): void => {
    if (lag === 0) show();
    else hidden.push({ visibleAt: now + upTo(lag), show });
  };
  const settle = (now = Infinity): void => {
    for (const change of hidden.splice(0)) {
      if (change.visibleAt <= now) change.show();
      else hidden.push(change);
    }
  };
  /** Who was not among those who left for a moment, in which nobody can read them. */
  const cameBack = new Set<string>();
  const pick = (status: Member['status']): Member | undefined => {
    const some = members.filter((member) => member.status === status);
    return some[Math.floor(random() * some.length)];
  };
  const move = (member: Member | undefined, status: Member['status'], now: number): void => {
    if (!member) return;
    later(now, () => {
      if (status !== 'unsubscribed') cameBack.add(member.email_address);
      Object.assign(member, { status, changedAt: now, isTimeless: false });
    });
  };
  const churn = (now: number): number => {
    settle(now);
    for (let changes = upTo(2); changes > 0; changes--) {
      const dice = random();
      if (dice < 0.45) move(pick('unsubscribed'), 'unsubscribed', now);
      else if (dice < 0.65) move(pick('subscribed'), 'unsubscribed', now);
      else if (dice < 0.75) move(pick('unsubscribed'), 'subscribed', now);
      else if (dice < 0.85) move(pick('unsubscribed'), 'archived', now);
      else if (dice < 0.97) {
        const gone = pick('unsubscribed');
        if (gone) members.splice(members.indexOf(gone), 1);
      } else for (let one = upTo(14); one > 0; one--) later(now, () => newcomer('unsubscribed', now));
    }
    return random() < 0.5 ? 0 : upTo(2);
  };
  return { members, churn, settle, random, cameBack };
}

/** Who has left, as of now. */
export const gone = (members: readonly Member[]): Set<string> =>
  new Set(members.filter(({ status }) => status === 'unsubscribed').map(({ email_address: email }) => email));
