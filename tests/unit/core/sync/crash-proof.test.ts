import { describe, expect, it } from '@jest/globals';
import { dieOnce, liveThroughDays } from '../../../support/sync-life.ts';

describe('a sync whose process dies', () => {
  it.each(['suppressions', 'metrics', 'audiences'] as const)('at any one call, before or after its effect: %s', async (task) => {
    const calls = await dieOnce(1, task, 0, 'before');
    expect(calls).toBeGreaterThan(20);
    for (let at = 1; at <= calls; at++) for (const when of ['before', 'after'] as const) await dieOnce(1, task, at, when);
  });

  it('again and again through days, with a vendor that often fails, and people who start and cancel runs', async () => {
    let deaths = 0;
    for (let seed = 0; seed < 15; seed++) deaths += await liveThroughDays(seed);
    expect(deaths).toBeGreaterThan(100);
  });
});
