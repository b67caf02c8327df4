import * as z from 'zod';
import { DAY, toDate } from '../shared/clock.ts';

/** What happened to the webhooks of one audience on one UTC day. */
export const hookDaySchema = z.object({
  date: z.string(),
  deliveries: z.number().int().default(0),
  rejections: z.number().int().default(0),
  /** Rejections since the last good delivery of the day. */
  rejectedInARow: z.number().int().default(0),
  lastDeliveryAt: z.string().nullable().default(null),
  lastRejectionAt: z.string().nullable().default(null),
  /** When a hook was registered: what was refused before was refused by another one. */
  registeredAt: z.string().nullable().default(null),
});
export type HookDay = z.infer<typeof hookDaySchema>;

export interface HookActivityStore {
  /** One write (+1 WCU). */
  delivered(tenantId: string, audienceId: string, hookId: string): Promise<void>;
  /**
   * Three at most are written in ten seconds per hook and container, and the next one carries what came meanwhile: a fault shows at
   * once, and a flood of forgeries stays cheap.
   */
  rejected(tenantId: string, audienceId: string, hookId: string): Promise<void>;
  /** Ends the row of rejections: another hook begins. */
  registered(tenantId: string, audienceId: string): Promise<void>;
  /** The latest days on which anything happened, newest first: ten, or as many as asked for. One query. */
  recent(tenantId: string, audienceId: string, days?: number): Promise<HookDay[]>;
}

export interface HookActivity {
  deliveries7d: number;
  rejections7d: number;
  lastDeliveryAt: string | null;
  lastRejectionAt: string | null;
  /** Rejections since the last good delivery. */
  rejectedInARow: number;
}

const latest = (times: readonly (string | null)[]): string | null =>
  times.reduce<string | null>((last, time) => (time !== null && (last === null || time > last) ? time : last), null);

/** The last seven UTC days, today among them, and the latest of each thing. @param days newest first */
export function summarizeActivity(days: readonly HookDay[], now: number): HookActivity {
  const since = toDate(now - 6 * DAY);
  const week = days.filter(({ date }) => date >= since);
  const sum = (of: (day: HookDay) => number): number => week.reduce((total, day) => total + of(day), 0);
  // A day with a good delivery or a new hook ends the row: its own counter begins behind that.
  const ended = days.findIndex(({ deliveries, registeredAt }) => deliveries > 0 || registeredAt !== null);
  const inARow = ended < 0 ? days : days.slice(0, ended + 1);
  return {
    deliveries7d: sum(({ deliveries }) => deliveries),
    rejections7d: sum(({ rejections }) => rejections),
    lastDeliveryAt: latest(days.map(({ lastDeliveryAt }) => lastDeliveryAt)),
    lastRejectionAt: latest(days.map(({ lastRejectionAt }) => lastRejectionAt)),
    rejectedInARow: inARow.reduce((total, day) => total + day.rejectedInARow, 0),
  };
}
