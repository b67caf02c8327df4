import type { ErrorObject } from 'ajv';

/** One way in which a JSON value differs from a schema. */
export interface Violation {
  /** Where in the value: names and `*` for any index, dotted. */
  readonly at: string;
  /** The rule of the document that was broken: the name of its type and the path of the property within it. */
  readonly rule: string;
  readonly message: string;
  readonly kind: 'missing' | 'unknown' | 'wrong';
  /** What stands there, of something that is wrong. */
  readonly value?: unknown;
}

/** Clients that always send JSON send this where there is nothing to say. */
export const isEmpty = (body: unknown): boolean => typeof body === 'object' && body !== null && Object.keys(body).length === 0;

/**
 * What a validator found, each thing once however many rows have it.
 * @param errors of a validator that is `verbose`
 * @param rules the names of the schema's rules, by `ruleNames`
 */
export function violationsOf(errors: readonly ErrorObject[], rules: ReadonlyMap<unknown, string>): Violation[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath);
  // What is wrong with each branch of a union says less than that no branch fits.
  const telling = errors.filter(
    ({ keyword, instancePath }) => keyword === 'anyOf' || !unions.some((union) => `${instancePath}/`.startsWith(`${union}/`)),
  );
  const found = telling.map((error): Violation => {
    const missing = paramOf(error, 'required', 'missingProperty');
    const unknown = paramOf(error, 'additionalProperties', 'additionalProperty');
    const name = missing ?? unknown;
    return {
      at: dotted(error.instancePath, name),
      rule: joined(rules.get(error.parentSchema) ?? '', name ?? ''),
      message: `${error.message ?? error.keyword}${detailOf(error)}`,
      kind: missing !== undefined ? 'missing' : unknown !== undefined ? 'unknown' : 'wrong',
      ...(name === undefined ? { value: error.data } : {}),
    };
  });
  return [...new Map(found.map((violation) => [JSON.stringify(violation), violation])).values()];
}

/** The name of the property that is missing, or that should not be there. */
function paramOf({ keyword, params }: ErrorObject, wanted: string, param: string): string | undefined {
  const name: unknown = keyword === wanted ? Reflect.get(params, param) : undefined;
  return typeof name === 'string' ? name : undefined;
}

function detailOf({ keyword, params }: ErrorObject): string {
  const allowed: unknown = keyword === 'enum' ? Reflect.get(params, 'allowedValues') : undefined;
  return allowed === undefined ? '' : `: ${JSON.stringify(allowed)}`;
}

const unescape = (segment: string): string => segment.replaceAll('~1', '/').replaceAll('~0', '~');

function dotted(instancePath: string, name: string | undefined): string {
  const segments = instancePath.split('/').slice(1).map(unescape);
  return [...segments.map((segment) => (/^\d+$/.test(segment) ? '*' : segment)), ...(name === undefined ? [] : [name])].join('.');
}

/**
 * The names of the rules of a schema: of each part of it, where it is from the top. A validator tells the part that was
 * broken, but not how it came there.
 */
export function ruleNames(schema: unknown, name: string, names = new Map<unknown, string>()): Map<unknown, string> {
  if (typeof schema !== 'object' || schema === null || names.has(schema)) return names;
  names.set(schema, name);
  if (Array.isArray(schema)) {
    for (const branch of schema.map((given: unknown) => given)) ruleNames(branch, name, names);
    return names;
  }
  for (const [keyword, part] of entriesOf(schema)) {
    if (keyword === 'items') ruleNames(part, joined(name, '*'), names);
    if (keyword === 'anyOf' || keyword === 'allOf') ruleNames(part, name, names);
    if (keyword !== 'properties' || typeof part !== 'object' || part === null) continue;
    for (const [property, inner] of entriesOf(part)) ruleNames(inner, joined(name, property), names);
  }
  return names;
}

const joined = (...parts: string[]): string => parts.filter(Boolean).join('.');

const entriesOf = (value: object): [string, unknown][] => Object.entries(value);
