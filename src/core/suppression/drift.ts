import * as z from 'zod';
import { DEPARTURE_KINDS, type DepartureKind } from '../email-platform/email-platform.ts';
import { isAppError } from '../shared/app-error.ts';
import { DAY, MINUTE, toDate } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { Fact, Suppression } from './suppression.ts';

/** What is known of as one: a person's departure from an audience, by kind, since the lift it came after. */
export const untoldKeySchema = z.object({
  addressHash: z.string(),
  kind: z.enum(DEPARTURE_KINDS),
  /** The time of the lift that it came after; empty for none. */
  generation: z.string(),
});
export type UntoldKey = z.infer<typeof untoldKeySchema>;

/** A departure that a sync read at the vendor before any delivery told of it. */
export const untoldSchema = untoldKeySchema.extend({
  /** The vendor's time of the change. */
  changedAt: z.string(),
  foundAt: z.string(),
  /** When the sync had stored the suppression. */
  healedAt: z.string().nullable().default(null),
  /** When a delivery came after all. */
  toldAt: z.string().nullable().default(null),
});
export type Untold = z.infer<typeof untoldSchema>;

export interface UntoldStore {
  /** Keeps what is there already, so that repetitions count once. 1 WCU. */
  add(tenantId: string, audienceId: string, found: Omit<Untold, 'healedAt' | 'toldAt'>): Promise<void>;
  /** Notes a time on what is there, and nothing where nothing is; the first one stands. 1 WCU. */
  note(tenantId: string, audienceId: string, key: UntoldKey, times: Partial<Pick<Untold, 'healedAt' | 'toldAt'>>): Promise<void>;
  /** Those that are there, consistent. 1 RRU each. */
  getMany(tenantId: string, audienceId: string, wanted: readonly UntoldKey[]): Promise<Untold[]>;
  /** All of one person in one audience. One query. */
  ofPerson(tenantId: string, audienceId: string, addressHash: string): Promise<Untold[]>;
  /** All of one audience, person by person, to the end: about 0.05 RRU each. */
  each(tenantId: string, audienceId: string): AsyncIterable<Untold>;
}

/**
 * Mailchimp tries a delivery for 75 minutes (https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/):
 * what is older and was not told never will be. The rest is room for clocks.
 */
export const TOLD_WITHIN_MS = 90 * MINUTE;
/** How long a departure is remembered for the report. */
export const REMEMBERED_MS = 35 * DAY;

/** The lift that a moment comes after: what somebody does after a lift is another departure. */
export function generationOf(facts: Suppression['facts'], at: string): string {
  const lift = Object.values(facts).find(({ kind }) => kind === 'lift');
  if (!lift || at <= lift.at) return '';
  return at > lift.againAt ? lift.againAt : lift.at;
}

/** What a delivery tells by the way: who complains is unsubscribed, or cleaned, as well. */
const COVERED_BY: Record<DepartureKind, readonly Fact['kind'][]> = {
  unsubscribe: ['unsubscribe', 'complaint'],
  bounce: ['bounce', 'complaint'],
  complaint: ['complaint'],
};

/** Whether a delivery told of a departure, and whether a sync did. */
export function tellersOf(
  { facts }: Pick<Suppression, 'facts'>,
  audienceId: string,
  { kind, generation }: Omit<UntoldKey, 'addressHash'>,
): { webhook: boolean; sync: boolean } {
  const own = Object.values(facts).filter((fact) => fact.audienceId === audienceId);
  const isThen = (at: string | null): boolean => at !== null && generationOf(facts, at) === generation;
  return {
    webhook: own.some((fact) => COVERED_BY[kind].includes(fact.kind) && isThen(fact.webhookAt)),
    sync: own.some((fact) => fact.kind === kind && isThen(fact.syncAt)),
  };
}

/** Deliveries told of these people: what a sync had counted against them is taken back. No call unless a sync told as well. */
export async function takeBackMisses(
  deps: { untold: UntoldStore },
  tenantId: string,
  audienceId: string,
  told: readonly Suppression[],
  at: string,
): Promise<void> {
  for (const record of told) {
    const own = Object.values(record.facts).filter((fact) => fact.audienceId === audienceId);
    const generations = new Set(
      own.flatMap(({ webhookAt }) => (webhookAt === null ? [] : generationOf(record.facts, webhookAt))),
    );
    for (const generation of generations)
      for (const kind of DEPARTURE_KINDS) {
        const tellers = tellersOf(record, audienceId, { kind, generation });
        if (!tellers.sync || !tellers.webhook) continue;
        await deps.untold.note(tenantId, audienceId, { addressHash: record.addressHash, kind, generation }, { toldAt: at });
      }
  }
}

/** What must not keep anybody from being suppressed: a store that is too busy to count costs the count, and says so. */
export async function orUncounted(deps: { log: Log }, tenantId: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isAppError(error, 'service_unavailable')) throw error;
    deps.log.warn('drift.not_counted', { tenantId, code: error.code });
  }
}

export interface DriftCounts {
  /** Departures older than 90 minutes that no delivery told. */
  missed: number;
  /** Those of them that a sync made good. */
  healed: number;
  /** Departures that a sync found first and a delivery told later. */
  late: number;
}
export interface Drift extends DriftCounts {
  /** Younger than 90 minutes: a delivery may still come. */
  pending: number;
  /** The vendor's time of the latest missed change. */
  lastMissedAt: string | null;
  /** By UTC day of the change; days without any are absent. */
  days: Map<string, DriftCounts>;
}

export const NO_DRIFT: DriftCounts = { missed: 0, healed: 0, late: 0 };

/**
 * Counts what one audience's deliveries did not tell. Exact: one departure is counted once, whatever kinds it was told by,
 * when it is read.
 * @param since the first UTC day that counts, `YYYY-MM-DD`
 */
export async function countDrift(rows: AsyncIterable<Untold>, since: string, now: number): Promise<Drift> {
  const drift: Drift = { ...NO_DRIFT, pending: 0, lastMissedAt: null, days: new Map() };
  let person: Untold[] = [];
  const flush = (): void => {
    for (const generation of new Set(person.map((row) => row.generation)))
      countDeparture(
        drift,
        person.filter((row) => row.generation === generation),
        since,
        now,
      );
    person = [];
  };
  for await (const row of rows) {
    if (person[0] && person[0].addressHash !== row.addressHash) flush();
    person.push(row);
  }
  flush();
  return drift;
}

function countDeparture(drift: Drift, rows: readonly Untold[], since: string, now: number): void {
  const isDue = ({ changedAt }: Untold): boolean => Date.parse(changedAt) <= now - TOLD_WITHIN_MS;
  const silent = rows.filter(({ toldAt }) => toldAt === null);
  const missed = silent.filter(isDue);
  const [first] = (missed.length > 0 ? missed : rows).map(({ changedAt }) => changedAt).sort();
  if (first === undefined) return;
  const date = toDate(Date.parse(first));
  if (date < since) return;
  if (missed.length === 0 && silent.length > 0) {
    drift.pending++;
    return;
  }
  const isHealed = missed.every(({ healedAt }) => healedAt !== null);
  const one = missed.length > 0 ? { missed: 1, healed: isHealed ? 1 : 0, late: 0 } : { ...NO_DRIFT, late: 1 };
  drift.days.set(date, plus(drift.days.get(date) ?? NO_DRIFT, one));
  Object.assign(drift, plus(drift, one));
  if (one.missed > 0 && first > (drift.lastMissedAt ?? '')) drift.lastMissedAt = first;
}

export const plus = (a: DriftCounts, b: DriftCounts): DriftCounts => ({
  missed: a.missed + b.missed,
  healed: a.healed + b.healed,
  late: a.late + b.late,
});
