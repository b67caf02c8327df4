import pLimit from 'p-limit';
import * as z from 'zod';
import { instantsBetween } from '../../local/stack/schedules/rule-times.ts';
import { RULES } from '../../src/contract/manifest.ts';
import { DAY, HOUR, MINUTE } from '../../src/core/shared/clock.ts';
import { connectTenants, letPeopleLeave, type DayTenant } from './connect-tenants.ts';
import { countRuns, countStored } from './count-day.ts';
import type { DayCounts } from './day-counts.ts';
import type { DayStack } from './day-stack.ts';
import { tenantProfile } from './tenant-profile.ts';

/** Long enough before the first rule that what the vendor would have told by then is told. */
const CONNECT_AT = 1 * HOUR;
const LEAVE_AT = 2 * HOUR;
const DAY_BEGINS_AT = 3 * HOUR + 55 * MINUTE;
const AT_ONCE = 8;
const VENDOR_MS = 20;

const vendorCounters = z.object({
  calls: z.record(z.string(), z.number()),
  peakInFlightOfLogin: z.record(z.string(), z.number()),
});

/** Moves the clock to a time of day, today or tomorrow. */
async function advanceTo(stack: DayStack, timeOfDay: number): Promise<void> {
  const now = await stack.now();
  const today = now - (now % DAY) + timeOfDay;
  await stack.advance((today > now ? today : today + DAY) - now);
}

/**
 * Connects tenants, lets people leave, and then lets a day pass from shortly before 04:00 UTC, rule by rule: each has done its
 * work before the next one fires.
 */
export async function runDay(stack: DayStack, tenants: number, say: (line: string) => void): Promise<DayCounts> {
  const seconds = stopwatch();
  await advanceTo(stack, CONNECT_AT);
  const made = await connectTenants(stack, tenants);
  say(`${tenants} tenants are connected after ${seconds()} s`);
  await stack.idle();
  // Past the tidying after each connect.
  await advanceTo(stack, LEAVE_AT);
  const limit = pLimit(AT_ONCE);
  await Promise.all(made.map((tenant) => limit(() => letPeopleLeave(stack, tenant))));
  await quietHooks(stack);
  await advanceTo(stack, DAY_BEGINS_AT);
  const setup = seconds();
  say(`their first runs and the departures are through after ${setup} s`);

  // So that calls overlap as they do at the vendor.
  await stack.vendor.settings({ latencyMs: VENDOR_MS });
  await stack.vendor.tell('DELETE', '/calls');
  const before = await stack.counts();
  const begun = await stack.now();
  const cpuBefore = process.cpuUsage();
  const rules: DayCounts['seconds']['rules'] = [];
  for (const { rule, at } of instantsBetween(RULES, begun, begun + DAY)) {
    const since = stopwatch();
    const fired = await stack.advance(at - (await stack.now()) + 1);
    if (fired.join() !== rule) throw new Error(`${fired.join()} fired instead of ${rule}.`);
    rules.push({ rule, seconds: since() });
    say(`${rule} took ${since()} s`);
  }
  const day = Math.round((seconds() - setup) * 10) / 10;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpu = Math.round((user + system) / 100_000) / 10;
  const counts = await collect(stack, made, before, begun);
  return { ...counts, seconds: { setup, day, cpu, rules } };
}

async function collect(
  stack: DayStack,
  made: readonly DayTenant[],
  before: Awaited<ReturnType<DayStack['counts']>>,
  begun: number,
): Promise<Omit<DayCounts, 'seconds'>> {
  const after = await stack.counts();
  const { calls, peakInFlightOfLogin } = await stack.vendor.control(vendorCounters, 'GET', '/calls/counters');
  const vendorCalls: Record<string, number> = {};
  let vendorRefusals = 0;
  for (const [key, count] of Object.entries(calls)) {
    const [method = '', route = '', status = ''] = key.split(' ');
    const kind = `${method} ${route.replace(/^\/3\.0/, '')}`;
    vendorCalls[kind] = (vendorCalls[kind] ?? 0) + count;
    if (!status.startsWith('2')) vendorRefusals += count;
  }
  const invocations: Record<string, number> = {};
  const failures: Record<string, number> = {};
  const table: DayCounts['table'] = {};
  for (const [name, count] of Object.entries(after.functions)) {
    invocations[name] = count.invocations - (before.functions[name]?.invocations ?? 0);
    failures[name] = count.failures - (before.functions[name]?.failures ?? 0);
    for (const [operation, use] of Object.entries(after.table[name] ?? {})) {
      const known = before.table[name]?.[operation] ?? { requests: 0, refused: 0, units: 0 };
      const sum = (table[operation] ??= { requests: 0, refused: 0, units: 0 });
      sum.requests += use.requests - known.requests;
      sum.refused += use.refused - known.refused;
      sum.units += use.units - known.units;
    }
  }
  const messages = Object.fromEntries(
    Object.entries(after.queues).map(([name, { sent, received }]) => [
      name,
      { sent: sent - (before.queues[name]?.sent ?? 0), received: received - (before.queues[name]?.received ?? 0) },
    ]),
  );
  const unitsOf = (isRead: boolean): number =>
    Object.entries(table)
      .filter(([operation]) => READS.includes(operation) === isRead)
      .reduce((total, [, { units }]) => total + units, 0);
  const tenantIds = made.map(({ tenantId }) => tenantId);
  return {
    tenants: made.length,
    audiences: made.reduce((total, { index }) => total + tenantProfile(index).audiences, 0),
    ...(await countRuns(stack, tenantIds, begun)),
    messages,
    invocations,
    failures,
    vendorCalls,
    vendorRefusals,
    table,
    readUnits: unitsOf(true),
    writeUnits: unitsOf(false),
    peakInFlight: Math.max(0, ...Object.values(peakInFlightOfLogin)),
    stored: await countStored(stack, tenantIds),
  };
}

const READS: readonly string[] = ['GetItem', 'BatchGetItem', 'Query', 'Scan'];

/** Waits until the vendor has delivered every event. */
async function quietHooks(stack: DayStack): Promise<void> {
  const schema = z.object({ pendingDeliveries: z.number() });
  while ((await stack.vendor.control(schema, 'GET', '/state')).pendingDeliveries > 0)
    await new Promise((resolve) => setTimeout(resolve, 200));
}

function stopwatch(): () => number {
  const begun = performance.now();
  return () => Math.round((performance.now() - begun) / 100) / 10;
}
