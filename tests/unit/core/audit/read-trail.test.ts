import { describe, expect, it, jest } from '@jest/globals';
import { changedFacts, type AuditEntry } from '../../../../src/core/audit/audit-entry.ts';
import { readTrail, shownOutcome, type AuditFilter } from '../../../../src/core/audit/read-trail.ts';
import { newId } from '../../../../src/core/shared/ids.ts';
import { anAuditEntry, TENANT } from '../../../support/factories.ts';
import { fakeAudit } from '../../../support/fake-audit.ts';

const EVERYTHING: AuditFilter = {
  sinceMs: null,
  untilMs: null,
  action: null,
  actorId: null,
  outcome: null,
  targetId: null,
};
const START = Date.parse('2026-09-21T06:00:00.000Z');

/** A trail of so many entries, a second apart; every n-th one was denied to somebody else. */
function openTrail(count: number, every = 1) {
  const audit = fakeAudit();
  for (let index = 0; index < count; index++) {
    const at = START + index * 1_000;
    const entry = anAuditEntry({ id: newId('auditEntry', at), at: new Date(at).toISOString(), requestId: `r${index}` });
    const isRare = index % every === 0;
    audit.entries.set(
      entry.id,
      isRare
        ? {
            ...entry,
            outcome: 'denied',
            actor: { kind: 'user', id: 'user-7', name: 'Ines', role: 'viewer' },
            target: { type: 'suppression', id: 'hash-7' },
          }
        : entry,
    );
  }
  return audit;
}

async function readAll(audit: ReturnType<typeof openTrail>, filter: AuditFilter, limit: number) {
  const pages: AuditEntry[][] = [];
  let before: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof readTrail>> = await readTrail({ audit }, TENANT, filter, limit, before);
    pages.push(page.items);
    before = page.next;
  } while (before !== null);
  return pages;
}

describe('readTrail', () => {
  it.each([
    ['everything', EVERYTHING],
    ['an actor', { ...EVERYTHING, actorId: 'user-7' }],
    ['an outcome', { ...EVERYTHING, outcome: 'denied' }],
    ['what has no end', { ...EVERYTHING, outcome: 'unknown' }],
    ['a target', { ...EVERYTHING, targetId: 'hash-7' }],
    ['an action', { ...EVERYTHING, action: 'api_key.created' }],
    ['an action nobody did', { ...EVERYTHING, action: 'contact.erased' }],
    ['a span', { ...EVERYTHING, sinceMs: START + 3_000, untilMs: START + 20_000, outcome: 'denied' }],
  ] satisfies [string, AuditFilter][])('gives %s in pages of any size, newest first, each entry once', async (_, filter) => {
    const audit = openTrail(25, 4);
    const expected = [...audit.entries.values()]
      .filter(
        (entry) =>
          (filter.actorId === null || entry.actor.id === filter.actorId) &&
          (filter.outcome === null || shownOutcome(entry) === filter.outcome) &&
          (filter.targetId === null || entry.target?.id === filter.targetId) &&
          (filter.action === null || entry.action === filter.action) &&
          Date.parse(entry.at) >= (filter.sinceMs ?? 0) &&
          Date.parse(entry.at) <= (filter.untilMs ?? Infinity),
      )
      .map(({ id }) => id)
      .reverse();
    for (const limit of [1, 2, 3, 7, 25, 100]) {
      const pages = await readAll(audit, filter, limit);
      expect(pages.flat().map(({ id }) => id)).toEqual(expected);
      expect(pages.every(({ length }) => length <= limit)).toBe(true);
    }
  });

  it('asks once when nothing is filtered', async () => {
    const audit = openTrail(120);
    const list = jest.spyOn(audit, 'list');
    expect((await readTrail({ audit }, TENANT, EVERYTHING, 50, null)).items).toHaveLength(50);
    expect(list).toHaveBeenCalledTimes(1);
  });

  it('ends a page after four looks, however rare what is asked for is', async () => {
    const audit = openTrail(4_500, 4_500);
    const list = jest.spyOn(audit, 'list');
    const filter: AuditFilter = { ...EVERYTHING, actorId: 'user-7' };
    const first = await readTrail({ audit }, TENANT, filter, 50, null);
    expect([first.items, list.mock.calls.length]).toEqual([[], 4]);
    expect(first.next).not.toBeNull();
    expect((await readAll(audit, filter, 50)).map(({ length }) => length)).toEqual([0, 0, 1]);
  });

  it('is empty for another tenant', async () => {
    expect(await readTrail({ audit: openTrail(5) }, 'ten_other', EVERYTHING, 50, null)).toEqual({ items: [], next: null });
  });
});

describe('changedFacts', () => {
  it('keeps the fields that differ, as they were and as they are', () => {
    const before = { name: 'Acme', timezone: null, platform: 'mailchimp' };
    expect(changedFacts(before, { ...before, name: null, timezone: 'Europe/Berlin' })).toEqual({
      before: { name: 'Acme', timezone: null },
      after: { name: null, timezone: 'Europe/Berlin' },
    });
    expect(changedFacts(before, before)).toEqual({ before: {}, after: {} });
    expect(changedFacts({}, { name: 'Acme' })).toEqual({ before: { name: null }, after: { name: 'Acme' } });
  });
});
