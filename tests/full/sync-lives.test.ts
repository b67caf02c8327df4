import { describe, expect, it } from '@jest/globals';
import { dieOnce, liveThroughDays } from '../support/sync-life.ts';

const SEEDS = 200;
/** Of the calls of one seed; over all seeds each call of a run is the last one of its process many times. */
const EVERY = 5;

describe('syncs of two hundred accounts', () => {
  it('know everything and leave nothing open, whatever call a process dies at', async () => {
    let lives = 0;
    for (let seed = 0; seed < SEEDS; seed++)
      for (const task of ['suppressions', 'metrics', 'audiences'] as const) {
        const calls = await dieOnce(seed, task, 0, 'before');
        for (let at = 1 + (seed % EVERY); at <= calls; at += EVERY)
          for (const when of ['before', 'after'] as const) {
            await dieOnce(seed, task, at, when);
            lives++;
          }
      }
    expect(lives).toBeGreaterThan(12_000);
  });

  it('do so through days of deaths and faults', async () => {
    let deaths = 0;
    for (let seed = 1_000; seed < 1_000 + SEEDS; seed++) deaths += await liveThroughDays(seed);
    expect(deaths).toBeGreaterThan(2_000);
  });
});
