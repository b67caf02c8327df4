import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { MINUTE, SECOND } from '../../../../src/core/shared/clock.ts';
import { isOver } from '../../../../src/core/sync/sync-run.ts';
import { seededRandom } from '../../../support/seeded-random.ts';
import { aMessage, openSyncs } from '../../../support/open-syncs.ts';

const SEEDS = Array.from({ length: 300 }, (_, index) => 7_919_777 * (index + 1));
const OUTAGES = [5 * SECOND, 45 * SECOND, 2 * MINUTE, 5 * MINUTE];
/** After the vendor is well again; the work itself takes no time here. */
const RECOVERED_WITHIN_MS = 60 * SECOND;
const MOST_STEPS = 200;

/** A run at a vendor that refuses everything for a while, each wake-up taken when it is due. */
async function runThrough(seed: number, outageMs: number, code: 'vendor_rate_limited' | 'vendor_unavailable') {
  const world = openSyncs();
  const { clock, vendor } = world;
  world.deps.random = seededRandom(seed);
  const begun = clock.now();
  vendor.chaos = () => (clock.now() - begun < outageMs ? { error: new AppError(code, 'Not now.') } : undefined);
  const delays: number[] = [];
  for (let step = 0; step < MOST_STEPS; step++) {
    await world.run(aMessage({ step }));
    if (isOver(world.stored())) break;
    const delay = world.sentFollowups.at(-1)?.delaySeconds ?? 0;
    delays.push(delay);
    clock.advance(delay * SECOND);
  }
  return { run: world.stored(), delays, lateMs: clock.now() - begun - outageMs };
}

describe('backing off from a vendor that is busy or down', () => {
  it.each(OUTAGES)('succeeds within a minute of its recovery after %d ms, whatever chance says', async (outageMs) => {
    for (const code of ['vendor_rate_limited', 'vendor_unavailable'] as const) {
      const ends = await Promise.all(SEEDS.map((seed) => runThrough(seed, outageMs, code)));
      const failed = ends.filter(({ run }) => run.state !== 'succeeded');
      expect(failed.length).toBe(0);
      expect(Math.max(...ends.map(({ lateMs }) => lateMs))).toBeLessThanOrEqual(RECOVERED_WITHIN_MS);
      for (const { run } of ends) expect(run.progress).toEqual({ done: 1, total: 1 });
    }
  });

  it('spreads the runs of one outage evenly over the whole wait', async () => {
    const ends = await Promise.all(SEEDS.map((seed) => runThrough(seed, 90 * SECOND, 'vendor_unavailable')));
    for (const wait of [0, 1, 2]) {
      const longest = 10 * 2 ** wait;
      const delays = ends.flatMap(({ delays: all }) => all[wait] ?? []);
      const quarters = [0, 0, 0, 0];
      for (const delay of delays) {
        const quarter = Math.min(3, Math.floor(((delay - 1) * 4) / longest));
        quarters[quarter] = (quarters[quarter] ?? 0) + 1;
      }
      expect(Math.max(...delays)).toBeLessThanOrEqual(longest);
      for (const count of quarters) expect(count / delays.length).toBeGreaterThan(0.1);
    }
  });
});
