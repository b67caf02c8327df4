import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { DAY } from '../../../../src/core/shared/clock.ts';
import {
  countDrift,
  generationOf,
  orUncounted,
  plus,
  REMEMBERED_MS,
  takeBackMisses,
  tellersOf,
  type Untold,
  type UntoldKey,
} from '../../../../src/core/suppression/drift.ts';
import { mergeFact, type Fact, type NewFact, type Suppression } from '../../../../src/core/suppression/suppression.ts';
import { aFact, TENANT } from '../../../support/factories.ts';
import { testLog } from '../../../support/test-log.ts';

const day = (date: number): string => `2026-09-${String(date).padStart(2, '0')}T00:00:00.000Z`;
const NOW = Date.parse(day(20));
const AUDIENCE = 'aud_1';
const aLift = (date: number): NewFact =>
  aFact({ kind: 'lift', via: 'manual', platform: null, audienceId: null, actor: 'key_1', at: day(date) });
const factsOf = (...told: NewFact[]): Record<string, Fact> => told.reduce<Record<string, Fact>>(mergeFact, {});
const aRow = (change: Partial<Untold> = {}): Untold => ({
  addressHash: 'a',
  kind: 'unsubscribe',
  generation: '',
  changedAt: day(10),
  foundAt: day(11),
  healedAt: day(11),
  toldAt: null,
  ...change,
});
async function* each(rows: readonly Untold[]): AsyncGenerator<Untold> {
  for (const row of rows) yield await Promise.resolve(row);
}
const count = (rows: readonly Untold[], since = '2026-09-01') => countDrift(each(rows), since, NOW);

describe('the lift that a moment comes after', () => {
  it('is none, the first, or the last of those that were made', () => {
    expect(generationOf(factsOf(aFact()), day(5))).toBe('');
    const facts = factsOf(aLift(10), aLift(12));
    expect([9, 10, 11, 12, 13].map((date) => generationOf(facts, day(date)))).toEqual(['', '', day(10), day(10), day(12)]);
  });
});

describe('who told of a departure', () => {
  const told = (kind: Untold['kind'], ...facts: NewFact[]) =>
    tellersOf({ facts: factsOf(...facts) }, AUDIENCE, { kind, generation: '' });
  const here = (change: Partial<NewFact>) => aFact({ audienceId: AUDIENCE, ...change });

  it('is a delivery of it, or of a complaint, which says it by the way', () => {
    expect(told('unsubscribe', here({}))).toEqual({ webhook: true, sync: false });
    expect(told('unsubscribe', here({ kind: 'complaint' }))).toEqual({ webhook: true, sync: false });
    expect(told('bounce', here({ kind: 'bounce' }))).toEqual({ webhook: true, sync: false });
    expect(told('bounce', here({ kind: 'complaint' }))).toEqual({ webhook: true, sync: false });
    expect(told('complaint', here({ kind: 'complaint' }))).toEqual({ webhook: true, sync: false });
    for (const kind of ['bounce', 'complaint'] as const) expect(told(kind, here({}))).toEqual({ webhook: false, sync: false });
  });

  it('is a sync of the same thing only', () => {
    expect(told('bounce', here({ kind: 'bounce', via: 'sync' }))).toEqual({ webhook: false, sync: true });
    expect(told('bounce', here({ kind: 'complaint', via: 'sync' }))).toEqual({ webhook: false, sync: false });
  });

  it('is nobody of another audience, or after another lift', () => {
    expect(told('unsubscribe', aFact({ audienceId: 'aud_2' }))).toEqual({ webhook: false, sync: false });
    expect(told('unsubscribe', here({ at: day(12) }), aLift(11))).toEqual({ webhook: false, sync: false });
  });
});

describe('what deliveries told after all', () => {
  const noted = async (...facts: NewFact[]): Promise<UntoldKey[]> => {
    const keys: UntoldKey[] = [];
    const record: Suppression = {
      tenantId: TENANT,
      addressHash: 'a',
      email: null,
      facts: factsOf(...facts),
      successors: [],
      predecessors: [],
      reason: null,
      since: null,
      version: 1,
    };
    const untold: Parameters<typeof takeBackMisses>[0]['untold'] = {
      add: () => Promise.reject(new Error('not here')),
      note(tenantId, audienceId, key, times) {
        expect([tenantId, audienceId, times]).toEqual([TENANT, AUDIENCE, { toldAt: day(15) }]);
        keys.push(key);
        return Promise.resolve();
      },
      getMany: () => Promise.resolve([]),
      ofPerson: () => Promise.resolve([]),
      each: () => each([]),
    };
    await takeBackMisses({ untold }, TENANT, AUDIENCE, [record], day(15));
    return keys;
  };
  const here = (via: NewFact['via'], change: Partial<NewFact> = {}) => aFact({ via, audienceId: AUDIENCE, ...change });

  it('is noted where a sync told as well, and nowhere else', async () => {
    expect(await noted(here('sync'), here('webhook'))).toEqual([{ addressHash: 'a', kind: 'unsubscribe', generation: '' }]);
    expect(await noted(here('webhook'))).toEqual([]);
    expect(await noted(here('sync'))).toEqual([]);
    expect(await noted(here('sync'), aFact({ audienceId: 'aud_2' }))).toEqual([]);
    expect(await noted(here('sync', { audienceId: 'aud_2' }), here('webhook', { audienceId: 'aud_2' }))).toEqual([]);
  });

  it('is noted after the lift that it came after', async () => {
    const [sync, webhook] = [here('sync', { at: day(12) }), here('webhook', { at: day(13) })];
    expect(await noted(aLift(11), sync, webhook)).toEqual([{ addressHash: 'a', kind: 'unsubscribe', generation: day(11) }]);
  });
});

describe('a count of the drift', () => {
  it('is of departures, not of what was said of them, person by person and lift by lift', async () => {
    const drift = await count([
      aRow(),
      aRow({ kind: 'complaint', changedAt: day(9) }),
      aRow({ generation: day(12), changedAt: day(13) }),
      aRow({ addressHash: 'b', changedAt: day(9), healedAt: null }),
      aRow({ addressHash: 'c', toldAt: day(12) }),
    ]);
    expect(drift).toEqual({
      missed: 3,
      healed: 2,
      late: 1,
      pending: 0,
      lastMissedAt: day(13),
      days: new Map([
        ['2026-09-09', { missed: 2, healed: 1, late: 0 }],
        ['2026-09-13', { missed: 1, healed: 1, late: 0 }],
        ['2026-09-10', { missed: 0, healed: 0, late: 1 }],
      ]),
    });
  });

  it('of nothing is nothing', async () => {
    expect(await count([])).toEqual({ missed: 0, healed: 0, late: 0, pending: 0, lastMissedAt: null, days: new Map() });
  });

  it('is healed when all that was missed of it is', async () => {
    expect(await count([aRow(), aRow({ kind: 'bounce', healedAt: null })])).toMatchObject({ missed: 1, healed: 0 });
  });

  it('knows the last that was missed, whatever the order, and takes no late one for it', async () => {
    const rows = [aRow({ changedAt: day(8) }), aRow({ addressHash: 'b', changedAt: day(12) })];
    const late = aRow({ addressHash: 'c', changedAt: day(14), toldAt: day(15) });
    expect((await count([...rows, late])).lastMissedAt).toBe(day(12));
    expect((await count([late, ...rows.toReversed()])).lastMissedAt).toBe(day(12));
    expect((await count([late])).lastMissedAt).toBeNull();
  });

  it('begins with its first day, by the first that was missed', async () => {
    expect(await count([aRow()], '2026-09-10')).toMatchObject({ missed: 1 });
    expect(await count([aRow()], '2026-09-11')).toMatchObject({ missed: 0, late: 0, lastMissedAt: null });
    const toldEarlier = aRow({ kind: 'complaint', changedAt: day(9), toldAt: day(12) });
    expect((await count([toldEarlier, aRow()])).days.get('2026-09-10')).toEqual({ missed: 1, healed: 1, late: 0 });
  });

  it('waits ninety minutes for a delivery', async () => {
    const at = (minutes: number) => aRow({ changedAt: new Date(NOW - minutes * 60_000).toISOString() });
    expect(await count([at(90)])).toMatchObject({ missed: 1, pending: 0 });
    expect(await count([at(89)])).toMatchObject({ missed: 0, pending: 1, days: new Map() });
  });

  it('adds up', () => {
    expect(plus({ missed: 1, healed: 2, late: 3 }, { missed: 10, healed: 20, late: 30 })).toEqual({
      missed: 11,
      healed: 22,
      late: 33,
    });
    expect(REMEMBERED_MS).toBe(35 * DAY);
  });
});

describe('a store that is too busy to count', () => {
  it('costs the count and says so, without a name', async () => {
    const log = testLog();
    await orUncounted({ log }, TENANT, () => Promise.reject(new AppError('service_unavailable', 'Busy.')));
    expect(log.lines).toEqual([
      { level: 'warn', event: 'drift.not_counted', fields: { tenantId: TENANT, code: 'service_unavailable' } },
    ]);
  });

  it('does not hide what nobody foresaw', async () => {
    const log = testLog();
    await expect(orUncounted({ log }, TENANT, () => Promise.reject(new TypeError('a bug')))).rejects.toThrow('a bug');
    await expect(orUncounted({ log }, TENANT, () => Promise.reject(new AppError('not_found', 'Gone.')))).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(log.lines).toEqual([]);
  });
});
