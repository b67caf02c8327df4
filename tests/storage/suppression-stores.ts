import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { checkSuppressions } from '../../src/core/suppression/check-suppressions.ts';
import { eraseAddress } from '../support/erase-address.ts';
import { addFact, findSuppression, liftSuppression } from '../../src/core/suppression/suppress.ts';
import {
  fitsFilter,
  NO_FILTER,
  platformsOf,
  type SuppressionFilter,
  type SuppressionPage,
} from '../../src/core/suppression/list-suppressions.ts';
import type { Reason, Suppression } from '../../src/core/suppression/suppression.ts';
import { keys } from '../../src/storage/keys.ts';
import { makeAddressHasher } from '../../src/storage/pepper.ts';
import { makeSuppressionStore } from '../../src/storage/suppression-store.ts';
import type { Table } from '../../src/storage/table.ts';
import { aFact } from '../support/factories.ts';
import { newTenantId } from './new-tenant-id.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 8, 1, 0, 0, second)).toISOString();
const lift = { at: '2026-09-30T00:00:00.000Z', actor: 'key_1', reason: 'asked' };

export function suppressionStores(table: () => Table): void {
  const open = () => ({
    suppressions: makeSuppressionStore(table()),
    hasher: makeAddressHasher(() => Promise.resolve({ pepper: 'p'.repeat(32) })),
  });
  const people = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}@x.test`);

  it('keeps what several writers say at the same moment', async () => {
    const deps = open();
    const tenantId = newTenantId();
    const kinds = ['unsubscribe', 'bounce', 'complaint'] as const;
    await Promise.all(kinds.map((kind) => addFact(deps, tenantId, 'mona@x.test', aFact({ kind }))));
    const found = await findSuppression(deps, tenantId, 'mona@x.test');
    expect(
      Object.values(found?.facts ?? {})
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual([...kinds].sort());
    expect(found).toMatchObject({ reason: 'complaint', version: 3 });
  });

  it('reads many at once over all shards, each tenant its own', async () => {
    const deps = open();
    const tenantId = newTenantId();
    const emails = people(250);
    await Promise.all(emails.filter((_, index) => index % 2 === 0).map((email) => addFact(deps, tenantId, email, aFact())));
    const found = await checkSuppressions(deps, tenantId, emails);
    expect(found.map(({ email }) => email)).toEqual(emails.filter((_, index) => index % 2 === 0));
    expect(await checkSuppressions(deps, newTenantId(), emails)).toEqual([]);
  });

  it('lists newest first over all shards, every one once, whatever the page', async () => {
    const deps = open();
    const tenantId = newTenantId();
    const emails = people(45);
    await Promise.all(emails.map((email, index) => addFact(deps, tenantId, email, aFact({ at: at(index >> 1) }))));
    for (const limit of [7, 44, 45, 100]) {
      const seen: string[] = [];
      const times: string[] = [];
      let before: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof deps.suppressions.list>> = await deps.suppressions.list(tenantId, limit, before);
        expect(page.items.length).toBeLessThanOrEqual(limit);
        seen.push(...page.items.map(({ email }) => email ?? ''));
        times.push(...page.items.map(({ since }) => since ?? ''));
        before = page.next;
      } while (before !== null);
      expect([...seen].sort()).toEqual([...emails].sort());
      expect(times).toEqual([...times].sort().reverse());
    }
  });

  describe('a list with filters', () => {
    const REASONS = ['unsubscribe', 'bounce', 'complaint'] as const;
    let tenantId: string;
    let all: Suppression[];
    beforeAll(async () => {
      tenantId = newTenantId();
      const deps = open();
      const added = await Promise.all(
        people(120).map(async (email, index) => {
          const kind = REASONS[index % 3] ?? 'bounce';
          // By hand, of nobody's platform; and three at the same moment.
          const told = index % 5 === 0 ? aFact({ kind, platform: null, audienceId: null, via: 'import' }) : aFact({ kind });
          return (await addFact(deps, tenantId, email, { ...told, at: at(Math.floor(index / 3)) })).suppression;
        }),
      );
      all = added.sort((a, b) => (`${a.since}#${a.addressHash}` < `${b.since}#${b.addressHash}` ? 1 : -1));
    });

    async function walk(filter: SuppressionFilter, limit: number): Promise<(string | null)[]> {
      const { suppressions } = open();
      const seen: (string | null)[] = [];
      let before: string | null = null;
      do {
        const page: SuppressionPage = await suppressions.list(tenantId, limit, before, filter);
        expect(page.items.length).toBeLessThanOrEqual(limit);
        // Behind the page before, so that it comes to an end.
        if (page.next !== null && before !== null) expect(page.next < before).toBe(true);
        seen.push(...page.items.map(({ email }) => email));
        before = page.next;
      } while (before !== null);
      return seen;
    }

    it('shows each that fits once, newest first, whatever the page', async () => {
      const time = fc.option(fc.integer({ min: -2, max: 45 }).map(at), { nil: null });
      const filters = fc.record({
        reason: fc.option(fc.constantFrom<Reason>(...REASONS, 'manual'), { nil: null }),
        platform: fc.option(fc.constantFrom('mailchimp', 'klaviyo'), { nil: null }),
        since: time,
        until: time,
      });
      await fc.assert(
        fc.asyncProperty(filters, fc.constantFrom(7, 50, 200), async (filter, limit) => {
          const isBackwards = filter.since !== null && filter.until !== null && filter.since > filter.until;
          const asked = isBackwards ? { ...filter, since: filter.until, until: filter.since } : filter;
          const fitting = all.filter((record) => fitsFilter(record, asked)).map(({ email }) => email);
          expect(await walk(asked, limit)).toEqual(fitting);
        }),
        { numRuns: 15 },
      );
    });

    it('includes both ends of a period', async () => {
      expect(await walk({ ...NO_FILTER, since: at(3), until: at(4) }, 10)).toHaveLength(6);
    });

    it('fills a page that no filter narrows, and looks at little more than it shows', async () => {
      const engine = table();
      const query = engine.query.bind(engine);
      let looked = 0;
      jest.spyOn(engine, 'query').mockImplementation(async (input) => {
        const page = await query(input);
        looked += page.items.length;
        return page;
      });
      const page = await open().suppressions.list(tenantId, 80, null);
      jest.restoreAllMocks();
      expect(page.items.map(({ email }) => email)).toEqual(all.slice(0, 80).map(({ email }) => email));
      expect(looked).toBeLessThanOrEqual(120);
    });

    it('goes on and comes to an end where hardly anything fits, at a bounded cost', async () => {
      const engine = table();
      const query = engine.query.bind(engine);
      // As if there were many more: the engine looks at one item of a shard for each request.
      let requests = 0;
      jest.spyOn(engine, 'query').mockImplementation((input) => {
        requests += 1;
        return query({ ...input, Limit: 1 });
      });
      let pages = 0;
      const seen: unknown[] = [];
      for (let before: string | null | undefined; before !== null; pages += 1) {
        const begun = requests;
        const page: SuppressionPage = await open().suppressions.list(tenantId, 50, before ?? null, {
          ...NO_FILTER,
          reason: 'complaint',
          platform: 'mailchimp',
        });
        expect(requests - begun).toBeLessThanOrEqual(64);
        seen.push(...page.items.map(({ email }) => email));
        before = page.next;
      }
      jest.restoreAllMocks();
      const fitting = all.filter((record) => fitsFilter(record, { ...NO_FILTER, reason: 'complaint', platform: 'mailchimp' }));
      expect(seen).toEqual(fitting.map(({ email }) => email));
      expect(pages).toBeGreaterThan(1);
    });

    it('finds by platform what was written before platforms stood beside the facts', async () => {
      const [record] = all.filter((one) => platformsOf(one).includes('mailchimp'));
      if (!record) throw new Error('There is none.');
      const key = { ...keys.suppression(tenantId, record.addressHash) };
      await table().update(key, 'REMOVE platforms SET movedTo = :none', { ':none': null });
      const found = await walk({ ...NO_FILTER, platform: 'mailchimp' }, 20);
      expect(found).toContain(record.email);
      expect(found).toHaveLength(96);
    });
  });

  it('takes the lifted off the list and puts them back', async () => {
    const deps = open();
    const tenantId = newTenantId();
    await addFact(deps, tenantId, 'mona@x.test', aFact());
    await liftSuppression(deps, tenantId, 'mona@x.test', lift);
    expect((await deps.suppressions.list(tenantId, 10, null)).items).toEqual([]);
    await addFact(deps, tenantId, 'mona@x.test', aFact({ at: '2026-10-01T00:00:00.000Z' }));
    expect((await deps.suppressions.list(tenantId, 10, null)).items).toMatchObject([{ since: '2026-10-01T00:00:00.000Z' }]);
  });

  it('keeps an erased person suppressed, with no trace of the address', async () => {
    const deps = open();
    const tenantId = newTenantId();
    await addFact(deps, tenantId, 'mona@x.test', aFact());
    await eraseAddress(deps, tenantId, 'mona@x.test', lift.at);
    expect(await findSuppression(deps, tenantId, 'mona@x.test')).toMatchObject({ email: null, reason: 'unsubscribe' });
    expect(JSON.stringify(await deps.suppressions.list(tenantId, 10, null))).not.toContain('mona');
  });
}
