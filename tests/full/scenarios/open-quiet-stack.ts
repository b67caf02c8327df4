import { openStack, type Stack } from '../../e2e/open-stack.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** All rules of the day have fired by then, and the next of those that fire every six hours is far. */
const QUIET_AT_MS = 8 * HOUR_MS;

/**
 * A stack whose time is just behind the rules of the day, so that none of them does what a test does by hand, at whatever hour it runs.
 * @param tell is told by how many milliseconds the time was moved, for a simulator outside of the stack
 */
export async function openQuietStack(
  options: Parameters<typeof openStack>[0] = {},
  tell: (ms: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<Stack> {
  const stack = await openStack(options);
  try {
    const ms = (DAY_MS + QUIET_AT_MS - ((await stack.now()) % DAY_MS)) % DAY_MS;
    await tell(ms);
    await stack.advance(ms);
    return stack;
  } catch (error) {
    await stack.close();
    throw error;
  }
}
