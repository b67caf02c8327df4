/** The value at a dotted path of a JSON document; undefined where the path ends early. */
export function at(json: unknown, path: string): unknown {
  let value = json;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}

/** The text at a path; empty when there is none. */
export function textAt(json: unknown, path: string): string {
  const value = at(json, path);
  return typeof value === 'string' ? value : '';
}

/** The number at a path; NaN, which equals nothing, when there is none. */
export function numberAt(json: unknown, path: string): number {
  const value = at(json, path);
  return typeof value === 'number' ? value : Number.NaN;
}

/** The rows at a path, which must be there. */
export function rowsAt(json: unknown, path: string): unknown[] {
  const value = at(json, path);
  if (!Array.isArray(value)) throw new Error(`There are no rows at ${path} of ${JSON.stringify(json)}`);
  return value.map((row: unknown) => row);
}

/** One field of every row. */
export const columnAt = (json: unknown, path: string, field: string): unknown[] =>
  rowsAt(json, path).map((row) => at(row, field));

/** The names of an object's fields. */
export const namesOf = (json: unknown): string[] => (typeof json === 'object' && json !== null ? Object.keys(json) : []);
