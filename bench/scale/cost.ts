import { total, type Meter } from './meter.ts';
import { ALSO_BILLED, DAYS_A_MONTH, PRICES } from './prices.ts';
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
  storage: number;
  idlePolls: number;
  /** A secret for each connection. */
  secrets: number;
  /** The same month with tokens in the connection's item under one key. */
  envelope: number;
  total: number;
  totalWithEnvelope: number;
}

/** All parts of a cost together. */
export const sumOfCost = (cost: Cost): number => total({ ...cost });

/** A month of such days. What a tenant does in the console, sends, and its vendor's own bill are not in it. */
export function monthOf({ tenants, all, storedBytes }: SimulatedDay): Month {
  const day = costOf(all);
  const used: Cost = {
    'table writes': day['table writes'] * DAYS_A_MONTH,
    'table reads': day['table reads'] * DAYS_A_MONTH,
    functions: day.functions * DAYS_A_MONTH,
    queues: day.queues * DAYS_A_MONTH,
    'token reads': day['token reads'] * DAYS_A_MONTH,
    'API Gateway': day['API Gateway'] * DAYS_A_MONTH,
    logs: day.logs * DAYS_A_MONTH,
  };
  // In the middle of the month.
  const storedGb = (storedBytes + all.bytesAdded * (DAYS_A_MONTH / 2)) / GB;
  const storage = storedGb * (PRICES.storageGbMonth + PRICES.recoveryGbMonth);
  const idlePolls = ALSO_BILLED.idlePollsPerDay * DAYS_A_MONTH * (PRICES.fifoRequest + PRICES.queueRequest);
  const secrets = tenants * PRICES.secretMonth;
  const envelope = PRICES.keyMonth + all.secretReads * DAYS_A_MONTH * PRICES.keyRequest;
  const rest = sumOfCost(used) + storage + idlePolls;
  return {
    used,
    storage,
    idlePolls,
    secrets,
    envelope,
    total: rest + secrets,
    totalWithEnvelope: rest - used['token reads'] + envelope,
  };
}
