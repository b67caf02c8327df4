import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { SECOND } from '../../../../src/core/shared/clock.ts';
import { importSuppressions, type ImportRow } from '../../../../src/core/suppression/import-suppressions.ts';
import { eraseAddress } from '../../../../src/core/suppression/erase-address.ts';
import { addFact, liftSuppression } from '../../../../src/core/suppression/suppress.ts';
import { aFact, TENANT } from '../../../support/factories.ts';
import { fakeHasher, fakeSuppressions } from '../../../support/fake-suppressions.ts';
import { testClock } from '../../../support/test-clock.ts';

const row = (line: number, change: Partial<ImportRow> = {}): ImportRow => ({
  line,
  email: `p${line}@x.test`,
  reason: '',
  since: '',
  note: '',
  ...change,
});
const open = () => ({ suppressions: fakeSuppressions(), hasher: fakeHasher, clock: testClock() });
type Deps = ReturnType<typeof open>;
const take = (deps: Deps, rows: readonly ImportRow[], dryRun = false, seconds = 20) =>
  importSuppressions(deps, TENANT, rows, { dryRun, actor: 'key_1', until: deps.clock.now() + seconds * SECOND });

/** A list with somebody suppressed, somebody lifted and somebody erased. */
async function peopled(): Promise<Deps> {
  const deps = open();
  await addFact(deps, TENANT, 'p1@x.test', aFact({ at: '2026-01-05T00:00:00.000Z' }));
  await addFact(deps, TENANT, 'p2@x.test', aFact({ at: '2026-01-05T00:00:00.000Z' }));
  await liftSuppression(deps, TENANT, 'p2@x.test', { at: '2026-02-05T00:00:00.000Z', actor: 'key_1', reason: 'asked' });
  await eraseAddress(deps, TENANT, 'p3@x.test', '2026-01-05T00:00:00.000Z');
  return deps;
}

describe('an import', () => {
  it('answers in a dry run what it answers then, writes once for each line it adds, and nothing the second time', async () => {
    const cells = fc.record({
      email: fc.constantFrom('p1@x.test', 'P2@x.test', 'p3@X.test', 'p4@x.test', 'p5@x.test', 'nobody'),
      reason: fc.constantFrom('', 'bounce', 'Complaint', 'manual', 'spite'),
      since: fc.constantFrom('', '2026-01-01', '2026-03-01T10:00:00+02:00', '2030-01-01'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(cells, { maxLength: 8 }), async (all) => {
        const deps = await peopled();
        const rows = all.map((one, index) => row(index + 2, one));
        const [records, saves] = [structuredClone(deps.suppressions.records), deps.suppressions.saves];
        const dry = await take(deps, rows, true);
        expect([deps.suppressions.records, deps.suppressions.saves]).toEqual([records, saves]);
        const real = await take(deps, rows);
        expect(real).toEqual(dry);
        expect(real.map(({ line }) => line)).toEqual(rows.map(({ line }) => line));
        expect(deps.suppressions.saves - saves).toBe(real.filter(({ outcome }) => outcome === 'added').length);
        const done = structuredClone(deps.suppressions.records);
        deps.clock.advance(SECOND);
        const again = await take(deps, rows);
        expect(deps.suppressions.records).toEqual(done);
        const known = again.filter(({ outcome }) => outcome === 'known').map(({ line }) => line);
        expect(again.filter(({ outcome }) => outcome === 'added' || outcome === 'not_reached')).toEqual([]);
        expect(known).toEqual(expect.arrayContaining(real.flatMap(({ line, outcome }) => (outcome === 'added' ? [line] : []))));
        expect(real.filter(({ email }) => email === 'p3@X.test')).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('says of what it did not reach in time that it did not, and that is not written', async () => {
    const deps = open();
    deps.suppressions.beforeSave = () => {
      deps.clock.advance(21 * SECOND);
      return Promise.resolve();
    };
    const rows = Array.from({ length: 100 }, (_, index) => row(index + 2));
    const answer = await take(deps, rows);
    const reached = answer.filter(({ outcome }) => outcome === 'added');
    expect(reached.length).toBeGreaterThan(0);
    expect(reached.length).toBeLessThan(100);
    expect(reached).toHaveLength(deps.suppressions.records.size);
    expect(answer.filter(({ outcome }) => outcome === 'not_reached')).toHaveLength(100 - reached.length);
    const rest = await take(deps, rows);
    expect(rest.filter(({ outcome }) => outcome === 'added')).toHaveLength(100 - reached.length);
  });

  it('reports what was written when the store falls silent, and fails when nothing was', async () => {
    const deps = open();
    const save = deps.suppressions.save.bind(deps.suppressions);
    let left = 3;
    deps.suppressions.save = (record) =>
      left-- > 0 ? save(record) : Promise.reject(new AppError('service_unavailable', 'The store is busy.'));
    const rows = Array.from({ length: 50 }, (_, index) => row(index + 2));
    const answer = await take(deps, rows);
    expect(answer.filter(({ outcome }) => outcome === 'added')).toHaveLength(3);
    expect(answer.filter(({ outcome }) => outcome === 'not_reached')).toHaveLength(47);
    await expect(take(deps, rows)).rejects.toMatchObject({ code: 'service_unavailable' });
  });
});
