import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { SECOND } from '../../../../src/core/shared/clock.ts';
import { importSuppressions, type ImportRow } from '../../../../src/core/suppression/import-suppressions.ts';
import { eraseAddress } from '../../../support/erase-address.ts';
import { addFact, liftSuppression, moveAddress } from '../../../../src/core/suppression/suppress.ts';
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

  describe('of an address that moved', () => {
    const left = [row(2, { email: 'old@x.test', reason: 'bounce', since: '2026-01-01', note: 'told by jo@y.test' })];
    /** The store takes what is said of the old address, and nothing more. */
    async function moved(): Promise<Deps & { silence: () => void }> {
      const deps = open();
      await moveAddress(deps, TENANT, 'old@x.test', 'new@x.test');
      const save = deps.suppressions.save.bind(deps.suppressions);
      let isSilent = false;
      deps.suppressions.save = (record) => {
        const isNew = record.email === 'new@x.test';
        return isSilent && isNew ? Promise.reject(new AppError('service_unavailable', 'The store is busy.')) : save(record);
      };
      return {
        ...deps,
        silence: () => {
          isSilent = !isSilent;
        },
      };
    }
    const reasonOf = async (deps: Deps, email: string) =>
      (await deps.suppressions.get(TENANT, await fakeHasher.hash(TENANT, email)))?.reason;

    it('tells the new one when it is repeated, though the old one is known by then', async () => {
      const deps = await moved();
      deps.silence();
      const first = await take(deps, [...left, row(3)]);
      expect(first[0]).toMatchObject({ outcome: 'not_reached', message: expect.stringContaining('in part') });
      expect([await reasonOf(deps, 'old@x.test'), await reasonOf(deps, 'new@x.test')]).toEqual(['bounce', null]);
      deps.silence();
      expect(await take(deps, left, true)).toMatchObject([{ outcome: 'known' }]);
      expect(await reasonOf(deps, 'new@x.test')).toBeNull();
      expect(await take(deps, left)).toMatchObject([{ outcome: 'known' }]);
      expect(await reasonOf(deps, 'new@x.test')).toBe('bounce');
    });

    it('says that it was not reached when the new one could not be told again', async () => {
      const deps = await moved();
      await addFact(deps, TENANT, 'old@x.test', aFact({ kind: 'bounce', at: '2026-01-01T00:00:00.000Z' }));
      deps.silence();
      const late = [row(2, { email: 'old@x.test', reason: 'bounce', since: '2025-01-01' }), row(3), row(4)];
      const answer = await take(deps, late);
      expect(answer.filter(({ outcome }) => outcome === 'not_reached').map(({ line }) => line)).toContain(2);
    });

    it('tells the new one also what a lift of the old one came after, and what an erased one left', async () => {
      const deps = await moved();
      await addFact(deps, TENANT, 'old@x.test', aFact({ kind: 'lift', via: 'manual', at: '2026-02-01T00:00:00.000Z' }));
      expect(await take(deps, left)).toMatchObject([{ outcome: 'known', message: expect.stringContaining('moved to') }]);
      expect([await reasonOf(deps, 'old@x.test'), await reasonOf(deps, 'new@x.test')]).toEqual([null, 'bounce']);

      const erased = await moved();
      await eraseAddress(erased, TENANT, 'old@x.test', '2026-03-01T00:00:00.000Z');
      expect(await take(erased, left)).toMatchObject([{ outcome: 'erased', email: null }]);
      expect(await reasonOf(erased, 'new@x.test')).toBe('bounce');
      expect(JSON.stringify([...erased.suppressions.records.values()])).not.toMatch(/old@|told by/);
    });
  });

  it('keeps a note without the addresses in it', async () => {
    const deps = open();
    await take(deps, [row(2, { note: 'asked by Jo <jo@y.test>' })]);
    expect(JSON.stringify([...deps.suppressions.records.values()])).toContain('asked by Jo <[address]>');
  });

  it('says of a row that is none why, and of a character that was lost on the way', async () => {
    const rows = [
      row(2, { problem: 'has 3 cells, the header 2' }),
      row(3, { note: 'M\uFFFDller' }),
      row(4, { email: 'm\uFFFDller@x.test' }),
    ];
    const answer = await take(open(), rows);
    expect(answer.map(({ outcome, message }) => [outcome, message])).toEqual([
      ['invalid', 'has 3 cells, the header 2'],
      ['invalid', expect.stringContaining('UTF-8')],
      ['invalid', expect.stringContaining('UTF-8')],
    ]);
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

  it('says of every line what became of it', async () => {
    const deps = await peopled();
    const answer = await take(deps, [
      row(2, { email: 'p1@x.test', reason: 'unsubscribe', since: '2026-01-05' }),
      row(3, { email: 'p2@x.test', reason: 'unsubscribe', since: '2026-01-05' }),
      row(4, { email: 'p3@x.test' }),
      row(5, { email: 'p5@x.test', reason: ' Bounce ', since: ' 2026-03-01 ' }),
      row(6, { email: 'P5@x.test', reason: 'complaint', since: '2026-03-02T10:00:00+02:00' }),
      row(7, { email: 'p5@x.test', reason: 'complaint', since: '2026-03-02T10:00:00+02:00' }),
      row(8, { email: 'p8@x.test' }),
    ]);
    expect(answer).toEqual([
      { line: 2, email: 'p1@x.test', outcome: 'known', message: 'Suppressed already.' },
      { line: 3, email: 'p2@x.test', outcome: 'invalid', message: 'It was lifted later than the line says it left.' },
      { line: 4, email: null, outcome: 'erased', message: 'Erased people are not taken in again; they stay suppressed.' },
      { line: 5, email: 'p5@x.test', outcome: 'added', message: 'Suppressed for: bounce.' },
      {
        line: 6,
        email: 'P5@x.test',
        outcome: 'added',
        message: 'The same address as line 5. Suppressed for: complaint, which is never lifted.',
      },
      { line: 7, email: 'p5@x.test', outcome: 'known', message: 'The same address as line 5. Suppressed already.' },
      { line: 8, email: 'p8@x.test', outcome: 'added', message: 'Suppressed for: manual.' },
    ]);
    const kept = (email: string) => [...deps.suppressions.records.values()].find((record) => record.email === email)?.facts;
    expect(Object.values(kept('p5@x.test') ?? {}).map(({ kind, at, via }) => [kind, at, via])).toEqual([
      ['bounce', '2026-03-01T00:00:00.000Z', 'import'],
      ['complaint', '2026-03-02T08:00:00.000Z', 'import'],
    ]);
    expect(Object.values(kept('p8@x.test') ?? {})).toMatchObject([
      { kind: 'manual', at: '2026-09-21T06:00:00.000Z', vendorReason: null, actor: 'key_1', platform: null },
    ]);
  });

  it('takes a line that is graver, or earlier, for one that adds', async () => {
    const deps = await peopled();
    expect(
      await take(deps, [
        row(2, { email: 'p1@x.test', reason: 'unsubscribe', since: '2026-01-04' }),
        row(3, { email: 'p1@x.test', reason: 'bounce', since: '2026-02-01' }),
      ]),
    ).toMatchObject([{ outcome: 'added' }, { outcome: 'added', message: 'The same address as line 2. Suppressed for: bounce.' }]);
  });

  it('says of what is wrong all that is wrong', async () => {
    const answer = await take(open(), [
      row(2, { reason: 'spite', since: 'yesterday' }),
      row(3, { since: '2026-09-21T06:00:00.001Z' }),
      row(4, { since: '2026-09-21T06:00:00Z' }),
      row(5, { note: 'x'.repeat(501) }),
      row(6, { note: ` ${'x'.repeat(500)} ` }),
      row(7, { email: `"a\u0000\\${'x'.repeat(400)}` }),
    ]);
    expect(answer.map(({ outcome, message }) => [outcome, message])).toEqual([
      ['invalid', 'reason must be unsubscribe, bounce, complaint or manual; since must be a date, or a time in ISO 8601'],
      ['invalid', 'since must not be in the future'],
      ['added', 'Suppressed for: manual.'],
      ['invalid', 'note must be at most 500 characters'],
      ['added', 'Suppressed for: manual.'],
      ['invalid', expect.stringMatching(/^email /)],
    ]);
    expect(answer[5]?.email).toBe(`?a??${'x'.repeat(316)}`);
    expect(await take(open(), [row(2, { reason: 'UNSUBSCRIBE' }), row(3, { reason: 'complaint' })])).toMatchObject([
      { message: 'Suppressed for: unsubscribe.' },
      { message: 'Suppressed for: complaint, which is never lifted.' },
    ]);
  });

  it('ends at its time, and fails with what nobody foresaw', async () => {
    expect(await take(open(), [row(2)], false, 0)).toEqual([
      { line: 2, email: 'p2@x.test', outcome: 'not_reached', message: 'Not reached in time: import the file again.' },
    ]);
    const deps = open();
    deps.suppressions.save = () => Promise.reject(new TypeError('a bug'));
    await expect(take(deps, [row(2)])).rejects.toThrow('a bug');
  });
});
