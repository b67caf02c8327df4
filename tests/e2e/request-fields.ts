import * as z from 'zod';
import type { Route } from '../../src/contract/route.ts';

export const PLACES = ['params', 'query', 'body'] as const;
export type Place = (typeof PLACES)[number];
/**
 * What a field can name. `id`: a thing of some tenant. `email`: a person some tenant knows. `cursor`: a place in some
 * tenant's list. `session`: a half of some tenant's consent. `filter`: an id that only narrows the caller's own list.
 * `closed`: one of a few values that all tenants share.
 * `prose`: words that are only kept.
 */
export type FieldKind = 'id' | 'email' | 'cursor' | 'session' | 'filter' | 'closed' | 'prose';
export interface Field {
  readonly place: Place;
  /** `[]` stands for the elements of an array. */
  readonly path: readonly string[];
  readonly name: string;
  readonly required: boolean;
  readonly kind: FieldKind;
  readonly node: Node;
}

const nodeSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  minimum: z.number().optional(),
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), nodeSchema).optional();
  },
  get items() {
    return nodeSchema.optional();
  },
  get anyOf() {
    return z.array(nodeSchema).optional();
  },
});
export type Node = z.output<typeof nodeSchema>;

/** Words that are kept and never looked up, with one that is valid. A new text joins here, or is one of the kinds above. */
export const PROSE: Readonly<Record<string, string>> = {
  subject: 'Rye is back',
  previewText: 'Fresh from the oven',
  fromName: 'The bakery',
  senderName: 'The bakery',
  html: '<p>Rye</p>',
  timezone: 'Europe/Berlin',
  name: 'A name',
  reason: 'They asked for it',
  returnUrl: '/settings/integrations',
};

/** The one type of a node besides null. */
function typeOf({ type }: Node): string | undefined {
  const types = [type ?? []].flat().filter((one) => one !== 'null');
  return types.length === 1 ? types[0] : undefined;
}

function kindOf(name: string, node: Node): FieldKind | undefined {
  const type = typeOf(node);
  if (node.enum !== undefined || node.const !== undefined || node.format?.startsWith('date') || name === 'date') return 'closed';
  if (type === 'integer' || type === 'number' || type === 'boolean') return 'closed';
  if (type !== 'string') return undefined;
  if (name === 'cursor') return 'cursor';
  // A body that is a text: a file of addresses.
  if (name === 'body') return 'email';
  if (name === 'state' || name === 'ticket') return 'session';
  if (/email(s)?$/i.test(name)) return 'email';
  // Who did something.
  if (name === 'actor') return 'filter';
  // By its name or by its form: `cmp_…`, `sync_…`.
  if (/^id$|Ids?$/.test(name) || /^\^[a-z]+_/.test(node.pattern ?? '')) return 'id';
  return name in PROSE ? 'prose' : undefined;
}

/**
 * Every field that a request of a route may carry.
 * @throws Error that says what to add, for a field of which nobody said whether it can name something of a tenant
 */
export function fieldsOf(id: string, route: Route): Field[] {
  const inPath = [...route.path.matchAll(/\{(\w+)\+?\}/g)].map(([, name = '']) => name);
  const undeclared = inPath.filter((name) => route.params?.shape[name] === undefined);
  if (undeclared.length > 0) throw new Error(`${id}: give {${undeclared.join('}, {')}} a schema in the route's params`);
  return PLACES.flatMap((place) => {
    const schema = route[place];
    return schema ? walk(id, place, [], place, true, nodeSchema.parse(z.toJSONSchema(schema, { io: 'input' }))) : [];
  });
}

function walk(id: string, place: Place, path: string[], name: string, required: boolean, node: Node): Field[] {
  const branches = node.anyOf?.filter(({ type }) => type !== 'null') ?? [];
  const [only] = branches;
  if (only && branches.length === 1) return walk(id, place, path, name, required, only);
  if (node.properties) {
    return Object.entries(node.properties).flatMap(([key, child]) =>
      walk(id, place, [...path, key], key, required && node.required?.includes(key) === true, child),
    );
  }
  if (node.items) return walk(id, place, [...path, '[]'], name, required, node.items);
  const kind = kindOf(name, node);
  if (kind === undefined) {
    const where = `${place}.${path.join('.')}`;
    throw new Error(`${id}: can ${where} name something of a tenant? Say so in kindOf or PROSE of request-fields.ts`);
  }
  // Half a consent is none.
  return [{ place, path, name, required: required || kind === 'session', kind, node }];
}
