import * as z from 'zod';
import { DAY, HOUR, SECOND } from '../../src/core/shared/clock.ts';
import {
  API_VERSION,
  AUTHORIZE_PATH,
  ENDPOINT_NAMES,
  ENDPOINTS,
  type EndpointName,
} from '../../src/providers/mailchimp/endpoints.ts';
import type { Client } from '../../tests/e2e/client.ts';
import type { DayStack } from '../scale/day-stack.ts';
import { FLOWS, MAILING_MS } from './flows.ts';
import { openTenant, SIZE_NAMES, type Size } from './open-tenant.ts';

/** How often each endpoint is called; those that are not are absent. */
export type Counts = Partial<Record<EndpointName, number>>;
/** By flow and size of the account. */
export type Measured = Record<string, Record<Size, Counts>>;

const counters = z.object({ calls: z.record(z.string(), z.number()) });

/** Hours in which no rule is due: 08:00 to 12:00. */
const QUIET_FROM = 8 * HOUR;
const STEP_MS = 30 * SECOND;

/** Names of ids are the caller's choice. */
const shapeOf = (method: string, path: string): string => `${method} ${path.replace(/\{\w+\}/g, '{}')}`;
const NAMES = new Map(
  ENDPOINT_NAMES.map((name): [string, EndpointName] => {
    const { method, host, path } = ENDPOINTS[name];
    return [shapeOf(method, (host === 'api' ? API_VERSION : '') + path), name];
  }),
);

/** What the vendor was asked since it last forgot. @throws an error for a call that is in no table */
async function countCalls({ vendor }: DayStack): Promise<Counts> {
  const counts: Counts = {};
  const { calls } = await vendor.control(counters, 'GET', '/calls/counters');
  for (const [key, times] of Object.entries(calls)) {
    const [method = '', path = ''] = key.split(' ');
    // The page on which a person consents.
    if (path === AUTHORIZE_PATH) continue;
    const name = NAMES.get(shapeOf(method, path));
    if (name === undefined) throw new Error(`The table of endpoints does not know ${method} ${path}.`);
    counts[name] = (counts[name] ?? 0) + times;
  }
  return counts;
}

/** Lets the stack's time pass until every run is over that a flow set off, and nothing is left to be done at once. */
async function settle(stack: DayStack, client: Client): Promise<void> {
  for (;;) {
    await stack.idle();
    const { items } = await client.call('listSyncs', { query: { limit: 1_000 } });
    if (items.every(({ finishedAt }) => finishedAt !== null)) return;
    const fired = await stack.advance(STEP_MS);
    if (fired.length > 0) throw new Error(`${fired.join()} fired within a flow.`);
  }
}

/** Runs every flow for an account of each size, one after the other, on the whole local stack. */
export async function measureCalls(stack: DayStack, say: (line: string) => void): Promise<Measured> {
  const measured: Measured = {};
  await stack.vendor.settings({ deliveryMs: MAILING_MS });
  for (const size of SIZE_NAMES) {
    const now = await stack.now();
    await stack.advance(now - (now % DAY) + DAY + QUIET_FROM - now);
    const tenant = await openTenant(stack, size);
    for (const [name, arrange] of Object.entries(FLOWS)) {
      const run = await arrange({ ...tenant, stack });
      await settle(stack, tenant.client);
      await stack.vendor.tell('DELETE', '/calls');
      await run();
      await settle(stack, tenant.client);
      const counts = await countCalls(stack);
      measured[name] = { ...(measured[name] ?? { small: {}, large: {} }), [size]: counts };
      say(`${size}: ${name}: ${JSON.stringify(counts)}`);
    }
  }
  return measured;
}
