import { expect, it } from '@jest/globals';
import { compareHistories } from '../support/suppression-histories.ts';

it('the gate, the explanation and the written rule agree for 100,000 histories of two addresses', async () => {
  const { wrong, counts } = await compareHistories(100_000, 20_260_921);
  expect(wrong).toBeNull();
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(5_000);
});
