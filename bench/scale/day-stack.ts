import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { start as startSimulator } from '../../local/simulator/start.ts';
import { STACK_PARTS } from '../../local/stack-parts.ts';
import { stackCountsSchema, type StackCounts } from '../../local/stack/counts/stack-counts.ts';
import { readSettings } from '../../local/stack/read-settings.ts';
import { startStack } from '../../local/stack/start-stack.ts';
import { http, parseAs } from '../../tests/e2e/http.ts';
import { Vendor } from '../../tests/e2e/simulator.ts';

const queueCounts = z.object({ visible: z.number(), inFlight: z.number(), delayed: z.number() });
const clockAnswer = z.object({ now: z.iso.datetime(), queues: z.record(z.string(), queueCounts) });
const advanced = z.object({ fired: z.array(z.object({ rule: z.string(), time: z.string() })) });

/** A local stack of its own, in a temporary folder and on free ports. */
export async function openDayStack() {
  const stateDir = mkdtempSync(join(tmpdir(), 'day-'));
  const settings = readSettings([], { PORT: '0', SIMULATOR_PORT: '0', LOCAL_STATE_DIR: stateDir });
  const stack = await startStack({
    ...settings,
    ...STACK_PARTS,
    // In memory: the simulator writes its whole state after every change, which is fine for one tenant.
    startSimulator: ({ port, clock }) => startSimulator({ port, clock, autoApprove: true }),
  });
  const { info } = stack;
  const clock = async () => parseAs(clockAnswer, await http(`${info.endpoints.clock}/`));

  /** Waits until nothing can be received and nothing is in work. What waits for a later moment does not count. */
  const idle = async (): Promise<void> => {
    for (;;) {
      const { queues } = await clock();
      if (Object.values(queues).every(({ visible, inFlight }) => visible + inFlight === 0)) return;
      await pause(100);
    }
  };
  return {
    info,
    vendor: new Vendor(info.simulatorUrl ?? ''),
    now: async (): Promise<number> => Date.parse((await clock()).now),
    idle,
    /** Moves the clock and waits for all that follows. @returns the rules that fired */
    advance: async (ms: number): Promise<string[]> => {
      const reply = await http(`${info.endpoints.clock}/advance`, {
        method: 'POST',
        body: JSON.stringify({ ms: Math.ceil(ms) }),
      });
      const { fired } = parseAs(advanced, reply);
      await idle();
      return fired.map(({ rule }) => rule);
    },
    counts: async (): Promise<StackCounts> => parseAs(stackCountsSchema, await http(`${info.endpoints.clock}/counts`)),
    close: async (): Promise<void> => {
      await stack.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
export type DayStack = Awaited<ReturnType<typeof openDayStack>>;
