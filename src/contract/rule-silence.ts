import { RULES, type RuleName } from './manifest.ts';

export const RULE_NAMES = Object.keys(RULES).filter((name): name is RuleName => name in RULES);

const HOURS_A_DAY = 24;
/** A firing is seconds late at times, and its count is known minutes later. */
const GRACE_HOURS = 2;

/** @returns after how many hours without a firing a rule is dead: the pause between two of its firings, and two hours more */
export function silentAfterHours(name: RuleName): number {
  // As cron writes it: an hour of each day, or `0/6` for every sixth.
  const [, every] = RULES[name].hour.split('/');
  return (every === undefined ? HOURS_A_DAY : Number(every)) + GRACE_HOURS;
}
