/** A datapoint of a metric, or none. Whatever is made of a missing one is missing, but for `FILL`. */
export type Point = number | undefined;

const TOKEN = /\s*(>=|==|[()+*/,]|\d+(?:\.\d+)?|[A-Za-z]\w*)/gy;
const OPERATORS: readonly Readonly<Record<string, (a: number, b: number) => Point>>[] = [
  { AND: (a, b) => Number(a !== 0 && b !== 0) },
  { '>=': (a, b) => Number(a >= b), '==': (a, b) => Number(a === b) },
  { '+': (a, b) => a + b },
  { '*': (a, b) => a * b, '/': (a, b) => (b === 0 ? undefined : a / b) },
];
const FUNCTIONS: Readonly<Record<string, (at: Date, ...points: Point[]) => Point>> = {
  FILL: (_, point, instead) => point ?? instead,
  IF: (_, condition, then, otherwise) => (condition === undefined ? undefined : condition === 0 ? otherwise : then),
  HOUR: (at, point) => (point === undefined ? undefined : at.getUTCHours()),
  MINUTE: (at, point) => (point === undefined ? undefined : at.getUTCMinutes()),
};

/**
 * As much of CloudWatch's metric math as the alarms use. @param at the beginning of the period
 * @throws Error for anything it does not know, so that no alarm is judged by a guess
 */
export function evaluateExpression(text: string, points: ReadonlyMap<string, Point>, at: Date): Point {
  const tokens = [...text.matchAll(TOKEN)].map(([, token]) => token ?? '');
  if (tokens.join('') !== text.replaceAll(/\s/g, '')) throw new Error(`Not understood: ${text}`);
  let next = 0;
  const take = (expected?: string): string => {
    const token = tokens[next++] ?? '';
    if (expected !== undefined && token !== expected) throw new Error(`Expected ${expected} instead of ${token}: ${text}`);
    return token;
  };
  const called = (name: string): Point => {
    const work = FUNCTIONS[name];
    if (!work) throw new Error(`There is no function ${name}: ${text}`);
    const given: Point[] = [];
    do {
      next++;
      given.push(binary(0));
    } while (tokens[next] === ',');
    take(')');
    return work(at, ...given);
  };
  const primary = (): Point => {
    const token = take();
    if (token === '(') {
      const inner = binary(0);
      take(')');
      return inner;
    }
    if (/^\d/.test(token)) return Number(token);
    if (tokens[next] === '(') return called(token);
    if (!points.has(token)) throw new Error(`There is no metric ${token}: ${text}`);
    return points.get(token);
  };
  const binary = (level: number): Point => {
    const operators = OPERATORS[level];
    if (!operators) return primary();
    let left = binary(level + 1);
    for (let work = operators[tokens[next] ?? '']; work; work = operators[tokens[next] ?? '']) {
      next++;
      const right = binary(level + 1);
      left = left === undefined || right === undefined ? undefined : work(left, right);
    }
    return left;
  };
  const value = binary(0);
  if (next !== tokens.length) throw new Error(`Something is left over: ${text}`);
  return value;
}
