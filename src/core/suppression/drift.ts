import * as z from 'zod';
import { DAY, MINUTE, toDate } from '../shared/clock.ts';
import type { Suppression } from './suppression.ts';

/** A departure that a sync read at the vendor before any delivery told of it. One per person and audience. */
export const untoldSchema = z.object({
  addressHash: z.string(),
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
  add(tenantId: string, audienceId: string, found: Pick<Untold, 'addressHash' | 'changedAt' | 'foundAt'>): Promise<void>;
  /** Notes a time on what is there, and nothing where nothing is. 1 WCU. */
  note(
    tenantId: string,
    audienceId: string,
    addressHash: string,
    times: Partial<Pick<Untold, 'healedAt' | 'toldAt'>>,
  ): Promise<void>;
  /** Consistent. */
  getMany(tenantId: string, audienceId: string, addressHashes: readonly string[]): Promise<Map<string, Untold>>;
  /** All of one audience, to the end: about 0.05 RRU each. */
  each(tenantId: string, audienceId: string): AsyncIterable<Untold>;
}

/**
 * Mailchimp tries a delivery for 75 minutes (https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/):
 * what is older and was not told never will be. The rest is room for clocks.
 */
export const TOLD_WITHIN_MS = 90 * MINUTE;
/** How long a departure is remembered for the report. */
export const REMEMBERED_MS = 90 * DAY;

/** Whether a delivery told of this person in this audience, and whether a sync did so first. */
export const tellersOf = ({ facts }: Pick<Suppression, 'facts'>, audienceId: string): { webhook: boolean; sync: boolean } => {
  const own = Object.values(facts).filter((fact) => fact.audienceId === audienceId);
  return {
    webhook: own.some(({ webhookAt }) => webhookAt !== null),
    sync: own.some(({ syncAt }) => syncAt !== null),
  };
};

/** A delivery told of these people: what a sync had counted against it is taken back. No call unless a sync came first. */
export async function takeBackMisses(
  deps: { untold: UntoldStore },
  tenantId: string,
  audienceId: string,
  told: readonly Suppression[],
  at: string,
): Promise<void> {
  for (const record of told) {
    const tellers = tellersOf(record, audienceId);
    if (tellers.sync && tellers.webhook) await deps.untold.note(tenantId, audienceId, record.addressHash, { toldAt: at });
  }
}

export interface DriftCounts {
  /** Changes older than 90 minutes that no delivery told. */
  missed: number;
  /** Those of them that a sync made good. */
  healed: number;
  /** Changes that a sync found first and a delivery told later. */
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
 * Counts what one audience's deliveries did not tell. Exact: a row per change, counted when it is read.
 * @param since the first UTC day that counts, `YYYY-MM-DD`
 */
export async function countDrift(rows: AsyncIterable<Untold>, since: string, now: number): Promise<Drift> {
  const drift: Drift = { ...NO_DRIFT, pending: 0, lastMissedAt: null, days: new Map() };
  for await (const { changedAt, healedAt, toldAt } of rows) {
    const date = toDate(Date.parse(changedAt));
    if (date < since) continue;
    if (toldAt === null && Date.parse(changedAt) > now - TOLD_WITHIN_MS) {
      drift.pending++;
      continue;
    }
    const one = toldAt === null ? { missed: 1, healed: healedAt === null ? 0 : 1, late: 0 } : { ...NO_DRIFT, late: 1 };
    drift.days.set(date, plus(drift.days.get(date) ?? NO_DRIFT, one));
    Object.assign(drift, plus(drift, one));
    if (one.missed > 0 && changedAt > (drift.lastMissedAt ?? '')) drift.lastMissedAt = changedAt;
  }
  return drift;
}

export const plus = (a: DriftCounts, b: DriftCounts): DriftCounts => ({
  missed: a.missed + b.missed,
  healed: a.healed + b.healed,
  late: a.late + b.late,
});
