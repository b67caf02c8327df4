import { badRequest, problemNamed } from './problem.ts';
import type { Settings } from './settings.ts';

/** What is named below a place: everything, or some names with what is named below them. */
type Branch = 'everything' | Map<string, Branch>;

type FieldRules = Pick<Settings, 'unknownFields' | 'fieldsDropTotal' | 'fieldsExclusive'>;

/**
 * Applies `fields` or `exclude_fields`: dotted names counted from the top of the body, going through arrays.
 * With `fields` everything not named disappears, as a rule `total_items` included.
 */
export function filterFields(body: unknown, query: URLSearchParams, rules: FieldRules): unknown {
  const { fields, excluded } = checkedFields(query, rules);
  if (rules.unknownFields === 'reject' && [...fields, ...excluded].some((name) => !exists(body, name.split('.')))) {
    throw problemNamed('RequestedFieldsInvalid');
  }
  const wanted = rules.fieldsDropTotal ? fields : [...fields, 'total_items'];
  const kept = fields.length > 0 ? keep(body, treeOf(wanted)) : body;
  return excluded.length > 0 ? drop(kept, treeOf(excluded)) : kept;
}

/**
 * The names a query asks for or leaves out.
 * @throws ApiProblem 400 when it does both, unless that is allowed
 */
export function checkedFields(
  query: URLSearchParams,
  rules: FieldRules,
): { readonly fields: string[]; readonly excluded: string[] } {
  const fields = names(query.get('fields'));
  const excluded = names(query.get('exclude_fields'));
  if (rules.fieldsExclusive && fields.length > 0 && excluded.length > 0) {
    throw badRequest('The fields and exclude_fields parameters are mutually exclusive.');
  }
  return { fields, excluded };
}

const names = (text: string | null): string[] =>
  (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

function treeOf(paths: readonly string[]): Map<string, Branch> {
  const root = new Map<string, Branch>();
  for (const path of paths) {
    const names = path.split('.');
    let branch = root;
    for (const [depth, name] of names.entries()) {
      const known = branch.get(name);
      // A name that is asked for as a whole needs no part of it named too.
      if (known === 'everything') break;
      if (depth === names.length - 1) branch.set(name, 'everything');
      else branch = known ?? enter(branch, name);
    }
  }
  return root;
}

function enter(branch: Map<string, Branch>, name: string): Map<string, Branch> {
  const next = new Map<string, Branch>();
  branch.set(name, next);
  return next;
}

function keep(value: unknown, wanted: Branch): unknown {
  if (wanted === 'everything') return value;
  if (Array.isArray(value)) return value.map((item) => keep(item, wanted));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]) => {
      const branch = wanted.get(name);
      return branch === undefined ? [] : [[name, keep(child, branch)]];
    }),
  );
}

function drop(value: unknown, unwanted: Map<string, Branch>): unknown {
  if (Array.isArray(value)) return value.map((item) => drop(item, unwanted));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]) => {
      const branch = unwanted.get(name);
      if (branch === 'everything') return [];
      return [[name, branch === undefined ? child : drop(child, branch)]];
    }),
  );
}

/** An empty array hides what its items would have had, so every name below it passes. */
function exists(value: unknown, path: readonly string[]): boolean {
  if (Array.isArray(value)) return value.length === 0 || value.some((item) => exists(item, path));
  const [name, ...rest] = path;
  if (name === undefined) return true;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false;
  return exists(Reflect.get(value, name), rest);
}
