import fc from 'fast-check';

/** What one reading tells of bounces; syntax errors apart. */
export interface Split {
  hard: number | null;
  soft: number | null;
}

const SIZE = 1_000;

/**
 * Readings of one campaign in the order of time, as an honest vendor gives them: a bounce is soft or hard, a soft one may
 * turn hard, new ones come, none goes away, and none is more than was sent.
 */
export const honestReadings = fc
  .array(fc.record({ newHard: fc.nat({ max: 60 }), newSoft: fc.nat({ max: 60 }), turned: fc.nat({ max: 100 }) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((steps) => {
    let [hard, soft] = [0, 0];
    return steps.map(({ newHard, newSoft, turned }) => {
      const moved = Math.min(soft, turned);
      [hard, soft] = [hard + moved + newHard, soft - moved + newSoft];
      return { emailsSent: SIZE, hardBounces: hard, softBounces: soft, syntaxErrors: 0 };
    });
  });

/**
 * What should be kept of any readings, looked up among all of them and not folded: of those that tell both kinds the last
 * one of the highest sum. When none does, the last of the highest of the kind that was told first.
 */
export function splitToKeep(readings: readonly Split[]): Split {
  const told = (value: number | null): value is number => value !== null;
  const highest = (of: (split: Split) => number | null): Split | undefined => {
    const values = readings.map(of).filter(told);
    return readings.findLast((split) => of(split) === Math.max(...values));
  };
  const sum = ({ hard, soft }: Split): number | null => (hard === null || soft === null ? null : hard + soft);
  if (readings.some((split) => sum(split) !== null)) return highest(sum) ?? { hard: null, soft: null };
  const first = readings.find(({ hard, soft }) => hard !== null || soft !== null);
  if (!first) return { hard: null, soft: null };
  return highest(first.hard === null ? ({ soft }) => soft : ({ hard }) => hard) ?? first;
}
