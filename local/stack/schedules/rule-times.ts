import { Cron } from 'croner';

/** When a rule fires, in EventBridge's words and UTC. */
export interface RuleSpec {
  minute: string;
  hour: string;
}

export interface Instant<R extends string> {
  rule: R;
  at: number;
}

/** EventBridge's `0/6` means from 0 in steps of 6; elsewhere that is spelled as a range. */
const toRange = (field: string, last: number): string => field.replace(/^(\d+)\/(\d+)$/, `$1-${last}/$2`);

/** The instants of every rule in `(after, until]`, in the order of time; at the same instant, in the order of the rules. */
export function instantsBetween<R extends string>(
  rules: Readonly<Record<R, RuleSpec>>,
  after: number,
  until: number,
): Instant<R>[] {
  const names = Object.keys(rules).filter((name): name is R => Object.hasOwn(rules, name));
  const instants = names.flatMap((rule) => {
    const { minute, hour } = rules[rule];
    const cron = new Cron(`${toRange(minute, 59)} ${toRange(hour, 23)} * * *`, { timezone: 'UTC', paused: true });
    const found: Instant<R>[] = [];
    for (let next = cron.nextRun(new Date(after)); next !== null && next.getTime() <= until; next = cron.nextRun(next)) {
      found.push({ rule, at: next.getTime() });
    }
    return found;
  });
  return instants.sort((a, b) => a.at - b.at);
}
