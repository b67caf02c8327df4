import * as z from 'zod';
import type { Route } from '../../src/contract/route.ts';
import type { Input } from './client.ts';
import { fieldsOf, PLACES, PROSE, type Field, type Place } from './request-fields.ts';

/** What a caller has of its own, to make requests with. */
export interface Belongings {
  readonly apiUrl: string;
  readonly ids: readonly string[];
  readonly email: string;
  /** A consent that is not completed. */
  readonly session: Readonly<Record<string, string>>;
}

/** A value put where the caller's own would be. */
export interface Substitute {
  readonly field: Field;
  readonly value: string;
}

const stringsSchema = z.record(z.string(), z.string());
const querySchema = z.record(z.string(), z.union([z.string(), z.number()]));

/**
 * The smallest request of a route that its schemas accept, made of the caller's own things, with one value substituted
 * afterwards.
 * @returns the request, and whether the schemas accept it with the substitute too
 * @throws Error that says what to add, when no valid request can be made
 */
export function inputFor(id: string, route: Route, own: Belongings, substitute?: Substitute): { input: Input; isValid: boolean } {
  const fields = fieldsOf(id, route);
  const parts = new Map<Place, unknown>();
  let isValid = true;
  for (const place of PLACES) {
    const schema = route[place];
    if (!schema) continue;
    const chosen = smallestValid(
      id,
      schema,
      fields.filter((field) => field.place === place),
      own,
      substitute?.field,
    );
    if (substitute?.field.place === place) chosen.set(fieldIn(chosen, substitute.field), substitute.value);
    const made = assemble(chosen);
    const part = place === 'body' && route.bodyType && typeof made === 'string' ? `email\n${made}\n` : made;
    isValid &&= schema.safeParse(part).success;
    parts.set(place, part);
  }
  const [params, query, body] = [parts.get('params'), parts.get('query'), parts.get('body')];
  const input = {
    ...(params !== undefined && { params: stringsSchema.parse(params) }),
    ...(query !== undefined && { query: querySchema.parse(query) }),
    ...(body !== undefined && { body }),
  };
  return { input, isValid };
}

const keyOf = ({ place, path }: Field): string => [place, ...path].join('.');

function fieldIn(chosen: ReadonlyMap<Field, unknown>, wanted: Field): Field {
  return [...chosen.keys()].find((field) => keyOf(field) === keyOf(wanted)) ?? wanted;
}

function smallestValid(
  id: string,
  schema: z.ZodType,
  fields: readonly Field[],
  own: Belongings,
  wanted: Field | undefined,
): Map<Field, unknown> {
  const isFixed = (field: Field): boolean => field.required || (wanted !== undefined && keyOf(field) === keyOf(wanted));
  const fixed = fields.filter(isFixed);
  for (const more of subsets(fields.filter((field) => !isFixed(field)))) {
    const chosen = new Map([...fixed, ...more].map((field) => [field, exampleOf(id, field, own)]));
    if (schema.safeParse(assemble(chosen)).success) return chosen;
  }
  const names = fields.map(keyOf).join(', ');
  throw new Error(`${id}: no request of ${names} fits its schema. Give better examples in valid-input.ts`);
}

/** All choices of some of the items, the small ones first. */
function subsets<T>(items: readonly T[]): T[][] {
  const all = items.reduce<T[][]>((found, item) => [...found, ...found.map((subset) => [...subset, item])], [[]]);
  return all.sort((a, b) => a.length - b.length);
}

function exampleOf(id: string, field: Field, own: Belongings): unknown {
  const { name, kind, node } = field;
  switch (kind) {
    case 'id': {
      const fitting = own.ids.find((candidate) => new RegExp(node.pattern ?? '').test(candidate));
      if (fitting === undefined)
        throw new Error(`${id}: the caller owns nothing that fits ${keyOf(field)}: make one in full-tenant.ts`);
      return fitting;
    }
    case 'email':
      return own.email;
    case 'cursor':
      return 'no-cursor';
    case 'filter':
      return own.ids[0];
    case 'session':
      return own.session[name] ?? '';
    case 'prose':
      return name === 'returnUrl' ? `${own.apiUrl}${PROSE['returnUrl']}` : PROSE[name];
    case 'closed':
      // A draft mails nobody.
      if (node.enum?.includes('draft')) return 'draft';
      if (node.format === 'date-time') return '2026-01-05T10:00:00Z';
      if (node.format === 'date') return '2026-01-05';
      if (name === 'date') return 'latest';
      return node.enum?.[0] ?? node.const ?? (node.type === 'boolean' ? false : (node.minimum ?? 1));
  }
}

/** The object that holds each value at its path. */
function assemble(chosen: ReadonlyMap<Field, unknown>): unknown {
  const nest = (entries: readonly { path: readonly string[]; value: unknown }[]): unknown => {
    const [first] = entries;
    if (first?.path.length === 0) return first.value;
    const byHead = new Map<string, { path: readonly string[]; value: unknown }[]>();
    for (const {
      path: [head = '', ...path],
      value,
    } of entries)
      byHead.set(head, [...(byHead.get(head) ?? []), { path, value }]);
    const elements = byHead.get('[]');
    if (elements) return [nest(elements)];
    return Object.fromEntries([...byHead].map(([head, inner]) => [head, nest(inner)]));
  };
  return chosen.size === 0 ? {} : nest([...chosen].map(([{ path }, value]) => ({ path, value })));
}
