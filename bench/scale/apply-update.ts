type Item = Record<string, unknown>;

const IF_NOT_EXISTS = /^if_not_exists\(\s*([#\w]+)\s*,\s*(:\w+)\s*\)$/;

/** Splits at commas that are not within brackets. */
const partsOf = (clause: string): string[] => clause.split(/,(?![^(]*\))/).map((part) => part.trim());

/**
 * The item after an update. `SET name = :value`, `SET name = if_not_exists(name, :value)` and `ADD name :number` are known.
 * @throws an error for any other form
 */
export function applyUpdate(
  item: Item,
  expression: string,
  names: Record<string, string> = {},
  values: Record<string, unknown> = {},
): Item {
  const next: Item = { ...item };
  const nameOf = (word: string): string => names[word] ?? word;
  const clauses = expression.split(/\b(SET|ADD|REMOVE|DELETE)\s/);
  if (clauses[0]?.trim() !== '') throw new Error(`The model cannot read the update: ${expression}`);
  for (let index = 1; index < clauses.length; index += 2) {
    const [verb, clause = ''] = [clauses[index], clauses[index + 1]];
    for (const part of partsOf(clause)) {
      if (verb === 'SET') {
        const [name = '', value = ''] = part.split(/\s*=\s*/);
        const fallback = IF_NOT_EXISTS.exec(value);
        if (!fallback && !(value in values)) throw new Error(`The model cannot read the update: ${expression}`);
        next[nameOf(name)] = fallback ? (next[nameOf(fallback[1] ?? '')] ?? values[fallback[2] ?? '']) : values[value];
      } else if (verb === 'ADD') {
        const [name = '', value = ''] = part.split(/\s+/);
        const [before = 0, more] = [next[nameOf(name)], values[value]];
        if (typeof before !== 'number' || typeof more !== 'number') throw new Error(`The model only adds numbers: ${expression}`);
        next[nameOf(name)] = before + more;
      } else throw new Error(`The model cannot read the update: ${expression}`);
    }
  }
  return next;
}
