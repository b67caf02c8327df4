import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { filterFields } from '../../local/simulator/fields-filter.ts';
import { settingsRecord } from '../../local/simulator/settings.ts';

const NAMES = ['id', 'name', 'stats', 'rows'] as const;

/** Documents like the vendor's: objects in arrays in objects, with names that come again at every depth. */
const { document } = fc.letrec<{ document: object; value: unknown }>((tie) => ({
  document: fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 4 }),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.integer(),
    fc.constant(''),
    fc.constant(null),
    tie('document'),
    fc.array(tie('document'), { maxLength: 3 }),
  ),
}));
const paths = fc.uniqueArray(
  fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }).map((names) => names.join('.')),
  { minLength: 1, maxLength: 4 },
);

/** Every leaf with its path without places in arrays: the naive reading of what a document says. An empty container is a leaf. */
function leavesOf(
  value: unknown,
  place: readonly (string | number)[] = [],
): { place: readonly (string | number)[]; value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ place, value }];
  const children: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return children.flatMap(([name, child]) => leavesOf(child, [...place, name]));
}

/** As the vendor does it. */
const RULES = settingsRecord.parse({});

const nameOf = (place: readonly (string | number)[]): string => place.filter((name) => typeof name === 'string').join('.');
const isWithin = (name: string, path: string): boolean => name === path || name.startsWith(`${path}.`);
const filtered = (body: unknown, parameter: string, names: readonly string[]): unknown =>
  filterFields(body, new URLSearchParams({ [parameter]: names.join(',') }), RULES);

describe('fields and exclude_fields', () => {
  it('keep just what lies under a name that is asked for', () => {
    fc.assert(
      fc.property(document, paths, (body, names) => {
        const wanted = leavesOf(body).filter(({ place }) => names.some((path) => isWithin(nameOf(place), path)));
        const kept = leavesOf(filtered(body, 'fields', names));
        // A name that ends in the middle of a scalar's path keeps the scalar: there is nothing below it to choose from.
        const short = leavesOf(body).filter(({ place }) => names.some((path) => isWithin(path, nameOf(place))));
        const places = (leaves: typeof kept): string[] =>
          [...new Set(leaves.map(({ place }) => JSON.stringify(place)))].toSorted();
        expect(places(kept)).toEqual(places([...wanted, ...short]));
        for (const { place, value } of kept) expect(leavesOf(body)).toContainEqual({ place, value });
      }),
    );
  });

  it('drop just what lies under a name that is left out', () => {
    fc.assert(
      fc.property(document, paths, (body, names) => {
        const left = leavesOf(body).filter(({ place }) => !names.some((path) => isWithin(nameOf(place), path)));
        expect(leavesOf(filtered(body, 'exclude_fields', names))).toEqual(left);
      }),
    );
  });

  it('keep rows in their places, also rows that have nothing of what was asked for', () => {
    const body = { rows: [{ id: 1 }, { name: 'Rye' }], id: 7 };
    expect(filtered(body, 'fields', ['rows.name'])).toEqual({ rows: [{}, { name: 'Rye' }] });
  });

  it('change nothing when neither is given, and nothing of the document they were given', () => {
    fc.assert(
      fc.property(document, paths, (body, names) => {
        const before = JSON.stringify(body);
        expect(filterFields(body, new URLSearchParams(), RULES)).toBe(body);
        filtered(body, 'fields', names);
        filtered(body, 'exclude_fields', names);
        expect(JSON.stringify(body)).toBe(before);
      }),
    );
  });
});
