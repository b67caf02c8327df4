import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openSimulator, testClock, type Opened, type Reply } from './open-simulator.ts';
import { at, columnAt, namesOf, numberAt, rowsAt, textAt } from './read.ts';

const STATUSES = ['subscribed', 'unsubscribed', 'cleaned', 'pending', 'archived'] as const;
const START = Date.parse('2026-03-01T10:00:00.000Z');

interface Row {
  readonly email: string;
  readonly status: string;
  readonly lastChanged: string;
}

/** Sixty people, several of them changed within the same second. */
const ROWS: Row[] = Array.from({ length: 60 }, (_, index) => ({
  email: `reader${index}@readers.test`,
  status: STATUSES[(index * 7) % STATUSES.length] ?? 'subscribed',
  lastChanged: new Date(START + Math.floor(((index * 37) % 60) / 3) * 1000).toISOString(),
}));

const second = (offset: number): string => `${new Date(START + offset * 1000).toISOString().slice(0, 19)}+00:00`;

describe('pages and fields', () => {
  let opened: Opened;
  let small = '';
  let large = '';

  beforeAll(async () => {
    opened = await openSimulator({ clock: testClock() });
    const make = async (body: object): Promise<string> =>
      textAt((await opened.control('POST', '/lists', body)).body, 'lists.0.id');
    small = await make({ name: 'Small' });
    large = await make({ name: 'Large', members: { subscribed: 2_500, unsubscribed: 1_200 } });
    await opened.control('POST', `/lists/${small}/members`, { members: ROWS });
  });
  afterAll(() => opened.close());

  const members = (list: string, query: Record<string, string>): Promise<Reply> =>
    opened.api('GET', `/lists/${list}/members?${new URLSearchParams(query).toString()}`);
  const emails = (reply: Reply): unknown[] => columnAt(reply.body, 'members', 'email_address');

  it('gives ten rows unless told', async () => {
    const { body } = await members(large, {});
    expect(rowsAt(body, 'members')).toHaveLength(10);
    expect(body).toMatchObject({ total_items: 3_700, list_id: large });
  });

  it.each([
    ['1000', 1_000],
    ['5000', 1_000],
    ['0', 0],
    ['3', 3],
  ])('gives for count=%s %i rows', async (count, rows) => {
    const { body } = await members(large, { count });
    expect([rowsAt(body, 'members').length, numberAt(body, 'total_items')]).toEqual([rows, 3_700]);
  });

  it('gives an empty page after the last one', async () => {
    expect((await members(large, { offset: '3700' })).body).toMatchObject({ members: [], total_items: 3_700 });
  });

  it.each(['-1', 'ten', '1.5'])('refuses count=%s', async (count) => {
    expect(await members(small, { count })).toMatchObject({ status: 400, body: { errors: [{ field: 'count' }] } });
  });

  it('reads every row of a large list once, page by page', async () => {
    const seen: unknown[] = [];
    for (let offset = 0; offset < 1_200; offset += 500) {
      const query = { status: 'unsubscribed', sort_field: 'last_changed', count: '500', offset: String(offset) };
      seen.push(...columnAt((await members(large, query)).body, 'members', 'id'));
    }
    expect(seen).toHaveLength(1_200);
    expect(new Set(seen).size).toBe(1_200);
  });

  it('keeps only the fields asked for, the total included', async () => {
    const some = await members(small, { count: '1', fields: 'members.id,members.merge_fields.FNAME' });
    expect(namesOf(some.body)).toEqual(['members']);
    expect(namesOf(at(some.body, 'members.0'))).toEqual(['id', 'merge_fields']);
    expect(namesOf(at(some.body, 'members.0.merge_fields'))).toEqual(['FNAME']);
    const total = await members(small, { fields: 'total_items' });
    expect(total.body).toEqual({ total_items: 48 });
  });

  it('leaves out the fields not wanted', async () => {
    const { body } = await members(small, { count: '1', exclude_fields: 'members._links,members.location,_links' });
    expect(namesOf(body)).toEqual(['members', 'list_id', 'total_items']);
    expect(at(body, 'members.0')).not.toHaveProperty('_links');
    expect(at(body, 'members.0')).toHaveProperty('email_address');
  });

  it('refuses both at once, before anything is done', async () => {
    const both = '?fields=id&exclude_fields=_links';
    expect(await opened.api('GET', `/lists${both}`)).toMatchObject({ status: 400, body: { title: 'Bad Request' } });
    const draft = await opened.api('POST', `/campaigns${both}`, { type: 'regular' });
    expect(draft.status).toBe(400);
    expect((await opened.api('GET', '/campaigns')).body).toMatchObject({ total_items: 0 });
  });

  it('ignores unknown fields, or refuses them when told to', async () => {
    expect((await members(small, { fields: 'members.shoe_size,total_items' })).body).toMatchObject({ total_items: 48 });
    await opened.control('POST', '/settings', { unknownFields: 'reject' });
    expect(await members(small, { fields: 'members.shoe_size' })).toMatchObject({ status: 422 });
    expect((await members(small, { fields: 'members.id' })).status).toBe(200);
    await opened.control('POST', '/settings', { unknownFields: 'ignore' });
  });

  it('compares last changes strictly and by the second', async () => {
    const within = await members(small, { since_last_changed: second(4), before_last_changed: second(6), count: '100' });
    expect(new Set(columnAt(within.body, 'members', 'last_changed'))).toEqual(new Set([second(5)]));
    const halves = await members(small, {
      since_last_changed: '2026-03-01T10:00:04.999Z',
      before_last_changed: '2026-03-01T10:00:06.001Z',
      count: '100',
    });
    expect(emails(halves)).toEqual(emails(within));
  });

  it('refuses a date that is none', async () => {
    expect(await members(small, { since_last_changed: 'yesterday' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'since_last_changed' }] },
    });
  });

  it('finds what a naive reading of the rules finds', async () => {
    const query = fc.record({
      status: fc.option(fc.constantFrom(...STATUSES), { nil: undefined }),
      after: fc.option(fc.integer({ min: -1, max: 21 }), { nil: undefined }),
      before: fc.option(fc.integer({ min: -1, max: 21 }), { nil: undefined }),
      sort: fc.option(fc.constantFrom('ASC', 'DESC'), { nil: undefined }),
      count: fc.integer({ min: 0, max: 40 }),
      offset: fc.integer({ min: 0, max: 70 }),
    });
    await fc.assert(
      fc.asyncProperty(query, async ({ status, after, before, sort, count, offset }) => {
        const { body } = await members(small, {
          count: String(count),
          offset: String(offset),
          ...(status === undefined ? {} : { status }),
          ...(after === undefined ? {} : { since_last_changed: second(after) }),
          ...(before === undefined ? {} : { before_last_changed: second(before) }),
          ...(sort === undefined ? {} : { sort_field: 'last_changed', sort_dir: sort }),
        });
        const found = ROWS.filter(
          (row) =>
            (status === undefined ? row.status !== 'archived' : row.status === status) &&
            (after === undefined || Date.parse(row.lastChanged) > START + after * 1000) &&
            (before === undefined || Date.parse(row.lastChanged) < START + before * 1000),
        );
        const ordered = sort === undefined ? found : found.toSorted((a, b) => a.lastChanged.localeCompare(b.lastChanged));
        const wanted = sort === 'DESC' ? ordered.toReversed() : ordered;
        // Descending order turns rows of one second round as well, so only times are compared then.
        const column = sort === undefined ? 'email_address' : 'last_changed';
        const expected = wanted
          .slice(offset, offset + count)
          .map((row) => (sort === undefined ? row.email : `${row.lastChanged.slice(0, 19)}+00:00`));
        expect(numberAt(body, 'total_items')).toBe(found.length);
        expect(columnAt(body, 'members', column)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });
});
