/** Reads one key of the context: a text that is not empty, or nothing. */
export type ReadKey = (key: string) => string | undefined;

/** The first choice is the default. @throws when the value is none of them */
export function oneOf<const T extends string>(key: string, value: string | undefined, choices: readonly [T, ...T[]]): T {
  const chosen = value === undefined ? choices[0] : choices.find((choice) => choice === value);
  if (chosen === undefined) throw new Error(`Context ${key} must be ${choices.join(' or ')}, got "${value ?? ''}".`);
  return chosen;
}

/** The parts of a comma separated list, without blanks. */
export const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** The value itself. @throws when it is not an https URL */
export function httpsUrl(key: string, value: string): string;
export function httpsUrl(key: string, value: string | undefined): string | undefined;
export function httpsUrl(key: string, value: string | undefined): string | undefined {
  if (value !== undefined && !(URL.canParse(value) && value.startsWith('https://'))) {
    throw new Error(`Context ${key} must be an https URL, got "${value}".`);
  }
  return value;
}

/** An origin as browsers spell it. @throws for anything more or else, a `*` included */
export function httpsOrigin(key: string, value: string): string {
  const url = httpsUrl(key, value);
  // A browser compares to the letter, so an origin that it would never send is a mistake, not another spelling.
  if (new URL(url).origin !== url || url.includes('*'))
    throw new Error(`Context ${key} must be origins such as https://app.example.com, without a path, got "${value}".`);
  return url;
}

/** The value, when it has the form. @throws when it has not */
export function formOf(key: string, value: string | undefined, form: RegExp, says: string): string | undefined {
  if (value !== undefined && !form.test(value)) throw new Error(`Context ${key} must be ${says}, got "${value}".`);
  return value;
}

/** Both or neither. @throws when there is only one */
export function both(own: ReadKey, first: string, second: string): [string, string] | undefined {
  const [one, other] = [own(first), own(second)];
  if (one !== undefined && other !== undefined) return [one, other];
  if (one === undefined && other === undefined) return undefined;
  const [given, missing] = one === undefined ? [second, first] : [first, second];
  throw new Error(`Context ${given} needs ${missing}: give both or neither.`);
}
