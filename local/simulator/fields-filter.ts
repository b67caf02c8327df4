import { badRequest, problemNamed } from './problem.ts';
import type { Settings } from './settings.ts';

type Branch = Map<string, Branch>;
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

function treeOf(paths: readonly string[]): Branch {
  const root: Branch = new Map<string, Branch>();
  for (const path of paths) {
    let branch = root;
    for (const name of path.split('.')) {
      const next: Branch = branch.get(name) ?? new Map<string, Branch>();
      branch.set(name, next);
      branch = next;
    }
  }
  return root;
}

const isLeaf = (branch: Branch): boolean => branch.size === 0;

function keep(value: unknown, wanted: Branch): unknown {
  if (Array.isArray(value)) return value.map((item) => keep(item, wanted));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]) => {
      const branch = wanted.get(name);
      if (branch === undefined) return [];
      return [[name, isLeaf(branch) ? child : keep(child, branch)]];
    }),
  );
}

function drop(value: unknown, unwanted: Branch): unknown {
  if (Array.isArray(value)) return value.map((item) => drop(item, unwanted));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]) => {
      const branch = unwanted.get(name);
      if (branch === undefined) return [[name, child]];
      return isLeaf(branch) ? [] : [[name, drop(child, branch)]];
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
