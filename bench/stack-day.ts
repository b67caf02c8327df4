import { parseArgs } from 'node:util';
import * as z from 'zod';
import { openDayStack } from './scale/day-stack.ts';
import { runDay } from './scale/run-day.ts';

/**
 * A day of many tenants on a local stack of its own: all four schedules, on its clock, with everything counted. Prints a table,
 * or with --json the counts as one line of JSON.
 */
const { values } = parseArgs({
  options: { tenants: { type: 'string', default: '1000' }, json: { type: 'boolean', default: false } },
});
const tenants = z.coerce.number().int().min(1).max(5_000).parse(values.tenants);

const stack = await openDayStack();
try {
  // Standard output is for the counts alone.
  const counts = await runDay(stack, tenants, (line) => console.error(line));
  if (values.json) console.log(JSON.stringify(counts));
  else {
    const { runs, messages, invocations, vendorCalls, table, ...rest } = counts;
    for (const part of [runs, messages, invocations, vendorCalls, table]) console.table(part);
    console.dir(rest, { depth: null });
  }
} finally {
  await stack.close();
}
process.exit(0);
