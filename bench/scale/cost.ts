import { total, type Meter } from './meter.ts';
import { ALARM_METRICS, ALSO_BILLED, DAYS_A_MONTH, OWN_SECRETS, PRICES } from './prices.ts';
import type { SimulatedDay } from './simulate-day.ts';

/** Dollars by what is paid for. */
export interface Cost {
  'table writes': number;
  'table reads': number;
  functions: number;
  queues: number;
  'token reads': number;
  'API Gateway': number;
  logs: number;
}
const GB = 1_024 ** 3;

/** What is paid by use, for what one meter counted. */
export function costOf(meter: Meter): Cost {
  const invocations = total(meter.invocations);
  return {
    'table writes': meter.wcu * PRICES.writeUnit,
    'table reads': meter.rcu * PRICES.readUnit,
    functions: invocations * PRICES.invocation + total(meter.gbSeconds) * PRICES.gbSecond,
    queues: meter.sqsRequests.sync * PRICES.fifoRequest + meter.sqsRequests.followups * PRICES.queueRequest,
    'token reads': meter.secretReads * PRICES.secretRead,
    'API Gateway': (meter.invocations.webhook ?? 0) * PRICES.apiRequest,
    logs: ((invocations * ALSO_BILLED.logBytes) / GB) * PRICES.logGb,
  };
}

export interface Month {
  /** By use, thirty such days. */
  used: Cost;
  /** Of what the table holds on the ninetieth day. */
  storage: number;
  idlePolls: number;
  /** Whatever the number of tenants: alarms, and the service's own secrets. */
  fixed: number;
  /** A secret for each connection. */
  secrets: number;
  /** The same month with tokens in the connection's item under one key. */
  envelope: number;
  total: number;
  totalWithEnvelope: number;
}

/** All parts of a cost together. */
export const sumOfCost = (cost: Cost): number => total({ ...cost });

export interface Storage {
  /** When the first runs expire. */
  bytesOnDay90: number;
  bytesMoreInAYear: number;
  dollarsOnDay90: number;
  dollarsMoreInAYear: number;
}
/** How long runs are kept: from then on as many expire as are made. */
const EXPIRE_AFTER_DAYS = 90;
const DAYS_A_YEAR = 365;

/** What the table holds, without its indexes, and what a month of it costs with point-in-time recovery. */
export function storageOf({ storedBytes, all }: SimulatedDay): Storage {
  const dollars = (bytes: number): number => (bytes / GB) * (PRICES.storageGbMonth + PRICES.recoveryGbMonth);
  const bytesOnDay90 = storedBytes + (all.bytesAdded + all.bytesExpiring) * (EXPIRE_AFTER_DAYS - 1);
  const bytesMoreInAYear = all.bytesAdded * DAYS_A_YEAR;
  return {
    bytesOnDay90,
    bytesMoreInAYear,
    dollarsOnDay90: dollars(bytesOnDay90),
    dollarsMoreInAYear: dollars(bytesMoreInAYear),
  };
}

/**
 * A month of such days. What a tenant does in the console, sends, and its vendor's own bill are not in it.
 * @returns null for the first day, or a day of some rules only: no month is made of those
 */
export function monthOf(day: SimulatedDay): Month | null {
  const { tenants, all, isUsual } = day;
  if (!isUsual) return null;
  const once = costOf(all);
  const used: Cost = {
    'table writes': once['table writes'] * DAYS_A_MONTH,
    'table reads': once['table reads'] * DAYS_A_MONTH,
    functions: once.functions * DAYS_A_MONTH,
    queues: once.queues * DAYS_A_MONTH,
    'token reads': once['token reads'] * DAYS_A_MONTH,
    'API Gateway': once['API Gateway'] * DAYS_A_MONTH,
    logs: once.logs * DAYS_A_MONTH,
  };
  const storage = storageOf(day).dollarsOnDay90;
  const idlePolls = ALSO_BILLED.idlePollsPerDay * DAYS_A_MONTH * (PRICES.fifoRequest + PRICES.queueRequest);
  const fixed = ALARM_METRICS * PRICES.alarmMonth + OWN_SECRETS * PRICES.secretMonth;
  const secrets = tenants * PRICES.secretMonth;
  const envelope = PRICES.keyMonth + all.secretReads * DAYS_A_MONTH * PRICES.keyRequest;
  const rest = sumOfCost(used) + storage + idlePolls + fixed;
  return {
    used,
    storage,
    idlePolls,
    fixed,
    secrets,
    envelope,
    total: rest + secrets,
    totalWithEnvelope: rest - used['token reads'] + envelope,
  };
}
