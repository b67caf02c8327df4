import { describe, expect, it } from '@jest/globals';
import { logicalId } from '../../lib/logical-id.ts';
import { RULE_NAMES } from '../../src/contract/rule-silence.ts';
import { at, WatchedStage } from './watched-stage.ts';

const ALL = RULE_NAMES.map((name) => `${logicalId(name)}Silent`);
/** After how many hours without a firing the runbook says that it rings. */
const PROMISED = {
  'sync-suppressions-daily': 26,
  'sync-audience-counts-daily': 26,
  'refresh-campaign-metrics-daily': 26,
  'sync-automation-performance': 8,
};
/** When the rule fired for the last time before the third day began. */
const LAST = {
  'sync-suppressions-daily': at(4 - 24),
  'sync-audience-counts-daily': at(5 - 24),
  'refresh-campaign-metrics-daily': at(7 - 24, 30),
  'sync-automation-performance': at(18 - 24),
};

describe('the alarms on schedules', () => {
  it('keep quiet while all of them fire', () => {
    const stage = new WatchedStage();
    stage.fireRules();
    expect(stage.ringing(at(-12), at(48))).toEqual({});
  });

  it.each(RULE_NAMES)('ring when %s is off although the others fire: its own, and no other, within the time promised', (off) => {
    const stage = new WatchedStage();
    stage.fireRules((rule, minute) => rule !== off || minute < at(0));
    const rung = stage.ringing(at(0), at(24));
    expect(Object.keys(rung)).toEqual([`${logicalId(off)}Silent`]);
    const [since = 0] = Object.values(rung);
    expect(since).toBeGreaterThan(LAST[off] + PROMISED[off] * 60);
    expect(since).toBeLessThanOrEqual(LAST[off] + (PROMISED[off] + 1) * 60);
  });

  it('all ring when everything is off', () => {
    const stage = new WatchedStage();
    stage.fireRules((_, minute) => minute < at(0));
    expect(Object.keys(stage.ringing(at(0), at(24))).sort()).toEqual([...ALL].sort());
  });

  it('ring after the first deployment until each schedule has fired, as the runbook says', () => {
    const stage = new WatchedStage();
    stage.fireRules((_, minute) => minute >= at(10));
    expect(stage.ringing(at(10, 5), at(10, 5))).toEqual(Object.fromEntries(ALL.map((name) => [name, at(10, 5)])));
    expect(stage.ringing(at(12, 5), at(12, 5))).not.toHaveProperty('SyncAutomationPerformanceSilent');
    expect(stage.ringing(at(31, 35), at(48))).toEqual({});
  });
});
