import { describe, expect, it } from '@jest/globals';
import { liveMany, seedsFrom } from '../support/campaign-life.ts';

const LIVES = 5_000;

describe('the send ledger', () => {
  it('keeps order through 5,000 lives, from quiet ones to those where hardly anything works', async () => {
    const mailed = await liveMany(seedsFrom(1_000, LIVES), (seed) => ({
      crashRate: 0.01 + (seed % 5) / 60,
      faultRate: (seed % 7) / 20,
      undoWindowSeconds: seed % 3 === 0 ? 300 : 0,
      dashboard: seed % 2 === 0,
    }));
    expect(mailed).toBeGreaterThan(LIVES / 10);
  }, 600_000);
});
