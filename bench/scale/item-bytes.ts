/** Digits that count: without leading and trailing zeros. */
function numberBytes(value: number): number {
  if (value === 0) return 1;
  const [mantissa = ''] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '').length;
  return Math.ceil(digits / 2) + 1 + (value < 0 ? 1 : 0);
}

function valueBytes(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return Buffer.byteLength(value);
    case 'number':
      return numberBytes(value);
    case 'boolean':
      return 1;
    case 'object':
      if (value === null) return 1;
      if (Array.isArray(value)) return value.reduce((sum: number, one: unknown) => sum + 1 + valueBytes(one), 3);
      if (Object.getPrototypeOf(value) === Object.prototype)
        return 3 + Object.keys(value).length + itemBytes(Object.fromEntries(Object.entries(value)));
  }
  throw new Error(`The model has no size for a value of type ${typeof value}.`);
}

/**
 * The size that DynamoDB bills, by its published rule: names and strings in UTF-8; a number 1 byte for each two digits, and 1;
 * true, false and null 1; a list or map 3, and 1 for each element.
 */
export function itemBytes(item: Record<string, unknown>): number {
  let bytes = 0;
  for (const name in item) {
    const value = item[name];
    if (value !== undefined) bytes += Buffer.byteLength(name) + valueBytes(value);
  }
  return bytes;
}
