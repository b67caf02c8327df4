import { expect, it } from '@jest/globals';
import { DAY, HOUR, toEpochSeconds, toIso } from '../../src/core/shared/clock.ts';
import { QUARANTINED_A_DAY, type NewlyQuarantined } from '../../src/core/webhook/quarantine.ts';
import { makeQuarantineStore } from '../../src/storage/quarantine-store.ts';
import type { Table } from '../../src/storage/table.ts';
import { testClock } from '../support/test-clock.ts';
import { newTenantId } from './new-tenant-id.ts';

export function quarantineStores(table: () => Table): void {
  const open = () => {
    const clock = testClock();
    const tenantId = newTenantId();
    const counted = { updates: 0 };
    const real = table();
    const watched = new Proxy(real, {
      get(target, name) {
        if (name === 'update') counted.updates++;
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? (...args: unknown[]): unknown => Reflect.apply(member, target, args) : member;
      },
    });
    const store = makeQuarantineStore(watched, clock);
    const entry = (digest: string): NewlyQuarantined => ({
      tenantId,
      platform: 'mailchimp',
      digest,
      audienceId: 'aud_c3a91f02be',
      hookId: 'hook_1',
      field: 'data[email]',
      reason: 'is missing',
      bytes: 44,
      fields: { type: 'cleaned' },
      otherFields: 1,
      at: toIso(clock.now()),
      expiresAt: toEpochSeconds(clock.now() + 14 * DAY),
    });
    const digests = async (limit = 1_000) =>
      (await store.list(tenantId, 'mailchimp', limit, null)).items.map((one) => one.digest);
    return { clock, tenantId, store, entry, counted, digests };
  };

  it('keeps an unreadable delivery once, and counts how often it came', async () => {
    const { clock, tenantId, store, entry } = open();
    expect(await store.list(tenantId, 'mailchimp', 50, null)).toEqual({ items: [], next: null });
    expect(await store.keep(entry('a'))).toBe('new');
    clock.advance(HOUR);
    expect(await store.keep(entry('a'))).toBe('again');
    await Promise.all([1, 2, 3, 4].map(() => store.keep(entry('b'))));
    const { items } = await store.list(tenantId, 'mailchimp', 50, null);
    const { at: _at, ...kept } = entry('a');
    expect(items).toEqual([
      expect.objectContaining({ digest: 'b', deliveries: 4 }),
      {
        ...kept,
        deliveries: 2,
        firstAt: '2026-09-21T06:00:00.000Z',
        lastAt: '2026-09-21T07:00:00.000Z',
        expiresAt: kept.expiresAt - 3_600,
      },
    ]);
    expect(await store.list(newTenantId(), 'mailchimp', 50, null)).toEqual({ items: [], next: null });
  });

  it('lists them in pages, newest first, and none twice', async () => {
    const { clock, tenantId, store, entry } = open();
    for (let index = 0; index < 7; index++) {
      await store.keep(entry(`d${index}`));
      if (index % 2 === 0) clock.advance(HOUR);
    }
    const seen: string[] = [];
    let before: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof store.list>> = await store.list(tenantId, 'mailchimp', 3, before);
      seen.push(...page.items.map(({ digest }) => digest));
      before = page.next;
    } while (before !== null);
    expect(seen).toEqual(['d6', 'd5', 'd4', 'd3', 'd2', 'd1', 'd0'].toSorted((a, b) => b.localeCompare(a)));
  });

  it('shows nothing for longer than 14 days, and begins anew what comes back', async () => {
    const { clock, store, entry, digests } = open();
    await store.keep(entry('a'));
    clock.advance(14 * DAY - 1_000);
    expect(await digests()).toEqual(['a']);
    clock.advance(1_000);
    expect(await digests()).toEqual([]);
    expect(await store.keep(entry('a'))).toBe('new');
    expect(await digests()).toEqual(['a']);
  });

  it('keeps so many of a tenant and day, and a flood beyond costs no write', async () => {
    const { clock, store, entry, counted, digests } = open();
    const flood = Array.from({ length: QUARANTINED_A_DAY + 30 }, (_, index) => `d${index}`);
    const outcomes = await Promise.all(flood.map((digest) => store.keep(entry(digest))));
    expect(outcomes.filter((outcome) => outcome === 'new')).toHaveLength(QUARANTINED_A_DAY);
    expect(await digests()).toHaveLength(QUARANTINED_A_DAY);
    counted.updates = 0;
    for (const digest of flood) expect(await store.keep(entry(digest))).toBe('full');
    expect(counted.updates).toBe(0);
    clock.advance(DAY);
    expect(await store.keep(entry('tomorrow'))).toBe('new');
  });
}
