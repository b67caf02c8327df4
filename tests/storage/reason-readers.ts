import { afterEach, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { checkSuppressions } from '../../src/core/suppression/check-suppressions.ts';
import { judge, mergeFact, type Suppression } from '../../src/core/suppression/suppression.ts';
import { keys } from '../../src/storage/keys.ts';
import { makeAddressHasher } from '../../src/storage/pepper.ts';
import { makeSuppressionStore } from '../../src/storage/suppression-store.ts';
import type { Table } from '../../src/storage/table.ts';
import { aFact } from '../support/factories.ts';
import { newTenantId } from './new-tenant-id.ts';

const hasher = makeAddressHasher(() => Promise.resolve({ pepper: 'p'.repeat(32) }));
const addressOf = (index: number): string => `p${index}@x.test`;
const people = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => addressOf(from + index));

/** Engines for tests may say 0 of a query that finds nothing; it is charged like one that finds little. */
const unitsOf = ({ units = NaN }: { units: number | undefined }): number => Math.max(1, units);

export function reasonReaders(table: () => Table): void {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** A tenant with so many records, every fifth of them lifted. */
  async function tenantWith(records: number): Promise<string> {
    const tenantId = newTenantId();
    const items = await Promise.all(
      people(records).map(async (email, index) => {
        const addressHash = await hasher.hash(tenantId, email);
        const told = mergeFact({}, aFact({ kind: index % 7 === 0 ? 'bounce' : 'unsubscribe' }));
        const lift = aFact({ kind: 'lift', via: 'manual', platform: null, audienceId: null, at: '2026-09-30T00:00:00.000Z' });
        const facts = index % 5 === 0 ? mergeFact(told, lift) : told;
        const record: Suppression = {
          tenantId,
          addressHash,
          email,
          facts,
          successors: [],
          predecessors: [],
          ...judge(facts),
          version: 1,
        };
        return { ...keys.suppression(tenantId, addressHash), ...record };
      }),
    );
    await table().writeMany(items);
    return tenantId;
  }

  /** What one check takes: a unit for each key of a batch, and what the engine says of each query. */
  async function measured(tenantId: string, emails: readonly string[]) {
    const [engine, spent] = [table(), { each: 0, queries: 0, queryUnits: 0 }];
    const [getMany, query] = [engine.getMany.bind(engine), engine.query.bind(engine)];
    jest.spyOn(engine, 'getMany').mockImplementation((wanted, options) => {
      spent.each += wanted.length;
      expect(options?.consistent).not.toBe(false);
      return getMany(wanted, options);
    });
    jest.spyOn(engine, 'query').mockImplementation(async (input) => {
      expect(input.ConsistentRead).toBe(true);
      const page = await query(input);
      spent.queries += 1;
      spent.queryUnits += unitsOf(page);
      return page;
    });
    const answer = await checkSuppressions({ suppressions: makeSuppressionStore(engine), hasher }, tenantId, emails);
    jest.restoreAllMocks();
    return { answer, ...spent, total: spent.each + spent.queryUnits };
  }
  /** What it would take to query all shards, in one page each. */
  async function costOfShards(tenantId: string): Promise<number> {
    const store = makeSuppressionStore(table());
    let units = 0;
    const engine = table();
    const query = engine.query.bind(engine);
    jest.spyOn(engine, 'query').mockImplementation(async (input) => {
      const page = await query({ ...input, Limit: undefined });
      units += unitsOf(page);
      return page;
    });
    // So many addresses that every shard is worth it.
    const hashes = '0123456789abcdef'.split('').flatMap((shard) => Array.from({ length: 2_000 }, (_, at) => `${shard}${at}`));
    await store.reasonsOf(tenantId, hashes);
    jest.restoreAllMocks();
    return units;
  }

  it('reads few addresses one by one, and many by the shards', async () => {
    const tenantId = await tenantWith(400);
    expect(await measured(tenantId, people(10))).toMatchObject({ each: 10, queries: 0 });
    expect(await measured(tenantId, people(32))).toMatchObject({ each: 32, queries: 0 });
    const many = await measured(tenantId, people(2_000));
    expect(many).toMatchObject({ each: 0, queries: 16 });
    // 400 records of half a kilobyte are 200 KB.
    expect(many.total).toBeLessThan(100);
    expect(many.answer).toHaveLength(320);
  });

  it('goes on one by one as soon as the first shard has taken its worth', async () => {
    const tenantId = await tenantWith(3_000);
    const some = await measured(tenantId, people(200));
    expect(some.each).toBeGreaterThan(180);
    expect(some.queries).toBeLessThanOrEqual(3);
    expect(some.total).toBeLessThan(250);
    expect(some.answer).toHaveLength(160);
  });

  it('never takes much more than twice what the cheaper way takes', async () => {
    for (const records of [0, 400, 2_000]) {
      const tenantId = await tenantWith(records);
      const shards = await costOfShards(tenantId);
      for (const asked of [1, 33, 60, 100, 250, 600, 2_000]) {
        const { total } = await measured(tenantId, people(asked));
        expect([records, asked, total, total <= 2.2 * Math.min(asked, shards)]).toEqual([records, asked, total, true]);
      }
    }
  });

  it('answers the same both ways, in the order given, whatever the spelling and how often', async () => {
    const tenantId = await tenantWith(400);
    const expected = (email: string) => {
      const index = Number(/\d+/.exec(email)?.[0]);
      if (index >= 400 || index % 5 === 0) return [];
      return [{ email, reason: index % 7 === 0 ? 'bounce' : 'unsubscribe' }];
    };
    const spelling = fc.constantFrom<(email: string) => string>(
      (email) => email,
      (email) => email.toUpperCase(),
      (email) => `  ${email} `,
    );
    const asked = fc.tuple(fc.nat(900), spelling).map(([index, spell]) => spell(addressOf(index)));
    const deps = { suppressions: makeSuppressionStore(table()), hasher };
    const oneByOne = {
      reasonsOf: async (tenant: string, hashes: readonly string[]) => {
        const found = await deps.suppressions.getMany(tenant, hashes);
        return new Map([...found].flatMap(([hash, { reason }]) => (reason ? [[hash, reason] as const] : [])));
      },
    };
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { maxLength: 300 }), fc.boolean(), async (few, isMany) => {
        const emails = isMany ? [...few, ...people(900), ...few] : few;
        const planned = await checkSuppressions(deps, tenantId, emails);
        expect(planned).toEqual(emails.flatMap(expected));
        expect(await checkSuppressions({ suppressions: oneByOne, hasher }, tenantId, emails)).toEqual(planned);
      }),
      { numRuns: 12 },
    );
  });

  it('sees what was acknowledged before it began, by either way', async () => {
    const tenantId = await tenantWith(100);
    const deps = { suppressions: makeSuppressionStore(table()), hasher };
    const late = await hasher.hash(tenantId, 'late@x.test');
    const facts = mergeFact({}, aFact({ kind: 'complaint' }));
    const record = {
      tenantId,
      addressHash: late,
      email: 'late@x.test',
      facts,
      successors: [],
      predecessors: [],
      ...judge(facts),
      version: 1,
    };
    expect(await deps.suppressions.save(record)).toBe(true);
    for (const others of [5, 900])
      expect(await checkSuppressions(deps, tenantId, ['late@x.test', ...people(others, 5_000)])).toEqual([
        { email: 'late@x.test', reason: 'complaint' },
      ]);
  });

  it('fails when any part of either way fails, and never says that nobody is suppressed', async () => {
    const tenantId = await tenantWith(400);
    const deps = { suppressions: makeSuppressionStore(table()), hasher };
    const away = new Error('away');
    for (const failing of [1, 2, 16]) {
      const engine = table();
      const query = engine.query.bind(engine);
      let count = 0;
      jest.spyOn(engine, 'query').mockImplementation((input) => {
        count += 1;
        return count === failing ? Promise.reject(away) : query(input);
      });
      await expect(checkSuppressions(deps, tenantId, people(2_000))).rejects.toThrow('away');
      jest.restoreAllMocks();
    }
    for (const asked of [20, 60]) {
      jest.spyOn(table(), 'getMany').mockRejectedValue(away);
      jest.spyOn(table(), 'query').mockResolvedValue({ items: [], lastKey: { PK: 'more' }, units: 1_000 });
      await expect(checkSuppressions(deps, tenantId, people(asked))).rejects.toThrow('away');
      jest.restoreAllMocks();
    }
  });

  it('takes no shard for whole whose end it did not see', async () => {
    const tenantId = await tenantWith(400);
    const engine = table();
    const query = engine.query.bind(engine);
    // Pages of three items, and an engine that does not tell what it takes.
    jest.spyOn(engine, 'query').mockImplementation((input) => query({ ...input, Limit: 3 }));
    const paged = await checkSuppressions({ suppressions: makeSuppressionStore(engine), hasher }, tenantId, people(2_000));
    jest.spyOn(engine, 'query').mockImplementation(async (input) => ({
      ...(await query({ ...input, Limit: 3 })),
      units: undefined,
    }));
    const untold = await checkSuppressions({ suppressions: makeSuppressionStore(engine), hasher }, tenantId, people(2_000));
    expect([paged.length, untold.length]).toEqual([320, 320]);
  });
}
