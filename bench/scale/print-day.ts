import type { SyncTask } from '../../src/contract/manifest.ts';
import { costOf, monthOf, sumOfCost, type Month } from './cost.ts';
import { limitsOf, perTenant } from './limits.ts';
import { PARTS, total } from './meter.ts';
import type { SimulatedDay } from './simulate-day.ts';

const round = (value: number, digits = 0): number => Number(value.toFixed(digits));
/** Limits are known no better. */
export const toThousands = (value: number): string => `about ${(Math.round(value / 1_000) * 1_000).toLocaleString('en')}`;
const dollars = (value: number): string => `$${value < 1 ? value.toFixed(4) : value.toFixed(2)}`;

/** Seconds from the rule to the end of the last of its runs; of the slowest firing. */
export const secondsOf = ({ firings }: SimulatedDay, task: SyncTask): number =>
  Math.max(0, ...firings.filter((firing) => firing.task === task).map(({ seconds }) => seconds));

/** Below so many tenants new environments take most of a worker's time. */
const COLD_BELOW = 1_000;
const HALF_AN_HOUR = 1_800;

function printLimits(day: SimulatedDay): void {
  const [tightest] = limitsOf(day, 'metrics', HALF_AN_HOUR);
  if (!tightest) return;
  const { workerSeconds } = perTenant(day, 'metrics');
  console.log(
    day.tenants < COLD_BELOW
      ? `Metrics: ${workerSeconds.toFixed(2)} s of a worker for each tenant, most of it cold starts: so few tenants say nothing of many.`
      : `Metrics: ${workerSeconds.toFixed(2)} s of a worker for each tenant. In 30 minutes ${toThousands(tightest.tenants)} tenants; the limit is ${tightest.what}.`,
  );
}

function printMonth(month: Month): void {
  const parts = {
    ...month.used,
    'storage on the 90th day': month.storage,
    'idle polls': month.idlePolls,
    'alarms, own secrets': month.fixed,
    'a secret for each connection': month.secrets,
    'a month': month.total,
    'a month, tokens under one key': month.totalWithEnvelope,
  };
  console.table(Object.fromEntries(Object.entries(parts).map(([part, value]) => [part, dollars(value)])));
}

/** The tables of one day. */
export function printDay(day: SimulatedDay, how: string): void {
  const { tenants, parts, all } = day;
  console.log(`\n${tenants.toLocaleString('en')} tenants, one day, ${how}`);
  const row = (meter: typeof all, seconds: number | null): Record<string, number | string | null> => ({
    'done after, s': seconds === null ? null : round(seconds, 1),
    messages: meter.messages.sync + meter.messages.followups,
    'vendor calls': total(meter.vendorCalls),
    WCU: round(meter.wcu),
    RCU: round(meter.rcu),
    invocations: total(meter.invocations),
    'GB-s': round(total(meter.gbSeconds)),
    'queue requests': meter.sqsRequests.sync + meter.sqsRequests.followups,
    'token reads': meter.secretReads,
    'a day': dollars(sumOfCost(costOf(meter))),
  });
  console.table({
    ...Object.fromEntries(PARTS.map((part) => [part, row(parts[part], part === 'webhooks' ? null : secondsOf(day, part))])),
    'the day': row(all, null),
  });
  const month = monthOf(day);
  if (month) printMonth(month);
  console.log(
    `Most at once: ${day.peak.syncWorkers} sync workers, ${day.peak.inOneGroup} in one vendor user, ${day.peak.functions} functions in all.`,
  );
  printLimits(day);
  const wrong = Object.entries(day.faults);
  console.log(
    `Runs left open: ${day.openRuns}; dead letters: ${day.deadLetters}; over their time: ${day.tooLong}; faults: ${wrong.length}.`,
  );
  for (const [fault, times] of wrong) console.log(`  ${times} x ${fault}`);
}
