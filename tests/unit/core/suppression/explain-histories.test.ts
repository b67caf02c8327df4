import { describe, expect, it } from '@jest/globals';
import { compareHistories } from '../../../support/suppression-histories.ts';

describe('the explanation of a suppression', () => {
  it('is the decision of the gate and of the written rule, for 20,000 histories', async () => {
    const { wrong, counts } = await compareHistories(20_000, 20_260_920);
    expect(wrong).toBeNull();
    // All of it happened, often.
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(1_000);
  });
});
