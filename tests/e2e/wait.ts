import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks until there is an answer, and says what it waited for when there is none in time.
 * @param what a function is asked at the end, so that it can tell what was seen last
 */
export async function until<T>(
  what: string | (() => string),
  ask: () => Promise<T | undefined> | T | undefined,
  withinMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain for ${typeof what === 'string' ? what : what()}`);
    await pause(40);
  }
}
