import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { readMembers } from '../../../../src/providers/mailchimp/read-departures.ts';
import { listClient, START, tie } from '../../../support/churning-list.ts';
import type { Member } from '../../../support/member-list.ts';
import { readDeparted as run, spread } from '../../../support/read-departed.ts';

const PAGE = 100;
const DAY = 86_400;
const YEAR = 365 * DAY;

const shapes: [string, Member[]][] = [
  ['evenly over ten years', spread(2_000, (random) => random * 10 * YEAR)],
  ['all in the last hour of ten years', [...tie(-10 * YEAR, 1), ...spread(2_000, (random) => random * 3_600)]],
  ['all in the first hour of ten years', spread(2_000, (random) => 10 * YEAR + random * 3_600)],
  ['ever denser towards the end', spread(2_000, (random) => 10 * YEAR * random ** 8)],
  ['ever sparser towards the end', spread(2_000, (random) => 10 * YEAR * (1 - random ** 8))],
  ['in twenty bursts', Array.from({ length: 20 }, (_, month) => tie(-month * 30 * DAY - DAY, 99, `b${month}`)).flat()],
];

describe('windows of changes', () => {
  it.each(shapes)('take at most two calls per page, people who left %s', async (_name, members) => {
    const client = listClient(members);
    const { told, cursor, total, calls } = await run(client, null);
    expect(told).toHaveLength(members.length);
    expect(new Set(told).size).toBe(members.length);
    expect(total).toBe(members.length);
    expect(calls).toBeLessThanOrEqual(2 * Math.ceil(members.length / PAGE) + 6);
    expect(client.mostInFlight).toBeLessThanOrEqual(6);
    expect(await run(client, cursor)).toMatchObject({ calls: 1, cursor });
  });

  it.each(shapes)('are read in turns for no more calls, people who left %s', async (_name, members) => {
    for (const pagesInTurn of [1, 2, 5]) {
      const client = listClient(members);
      const met = new Set<string>();
      let cursor: string | null = null;
      let turns = 0;
      for (let isCut = true; isCut; turns++) {
        let asked = 0;
        isCut = false;
        // Six may be under way when the turn ends: they are told, and no other is begun.
        const before = client.asked.length;
        const read = await run(client, cursor, PAGE, () => {
          if (asked++ >= pagesInTurn) isCut = true;
          return !isCut;
        });
        expect(client.asked.length - before).toBeLessThanOrEqual(pagesInTurn + 6);
        read.told.forEach((email) => met.add(email));
        cursor = read.cursor;
      }
      expect(met.size).toBe(members.length);
      expect(turns).toBeGreaterThan(2);
      expect(client.asked.length).toBeLessThanOrEqual(2 * Math.ceil(members.length / PAGE) + 6);
      const next = await run(client, cursor);
      expect(await run(client, next.cursor)).toMatchObject({ calls: 1, cursor: next.cursor });
    }
  });

  it.each([
    [0, 1],
    [1, 1],
    [PAGE, 1],
    [PAGE + 1, 2],
    [PAGE * 1.5, 2],
    [PAGE * 2, 4],
    [PAGE * 3, 6],
  ])('of %i people take %i calls at most', async (count, most) => {
    const { told, calls } = await run(listClient(spread(count, (random) => random * YEAR)), null);
    expect(told).toHaveLength(count);
    expect(calls).toBeLessThanOrEqual(most);
  });

  it('are all closed but for the first call and the last one, and never begin in ancient times', async () => {
    const client = listClient(spread(1_000, (random) => random * YEAR));
    await run(client, null);
    const edges = client.asked.map((query) => [query.get('since_last_changed'), query.get('before_last_changed') ?? '']);
    expect(edges[0]?.[0]).toBeNull();
    const now = new Date(START * 1_000).toISOString();
    expect(edges.slice(1, -1).every(([since, before = '']) => since !== null && before !== null && before <= now)).toBe(true);
    expect(edges.every(([since]) => since === null || (since ?? '') > '2025-08-01')).toBe(true);
  });

  it('use an offset only within one second', async () => {
    const members = [...spread(150, (random) => random * YEAR), ...tie(-2 * DAY, 450)];
    const client = listClient(members);
    const { told, calls } = await run(client, null);
    expect(new Set(told).size).toBe(600);
    const offsets = client.asked.filter((query) => Number(query.get('offset')) > 0);
    for (const query of offsets) {
      const [since, before] = ['since_last_changed', 'before_last_changed'].map((name) => Date.parse(query.get(name) ?? ''));
      expect((before ?? 0) - (since ?? 0)).toBe(2_000);
    }
    expect(offsets.map((query) => Number(query.get('offset')))).toEqual([100, 200, 300, 400]);
    expect(calls).toBeLessThanOrEqual(2 * 6 + 2 + 2);
  });

  it.each([0, -30, -4_000, -2 * DAY])(
    'cost one call the second time, when all left in one second, %i from now',
    async (second) => {
      const client = listClient([...tie(-3 * DAY, 50), ...tie(second, 1_234)]);
      const first = await run(client, null);
      expect(new Set(first.told).size).toBe(1_284);
      expect(await run(client, first.cursor)).toMatchObject({ calls: 1, told: [], cursor: first.cursor });
    },
  );

  it('notice one newcomer, one who leaves and one who became visible late behind a burst', async () => {
    const members = [...tie(-3 * DAY, 50), ...tie(-2 * DAY, 1_234)];
    const client = listClient(members);
    const { cursor } = await run(client, null);
    members.push(...tie(-60, 1, 'new'), ...tie(-2 * DAY - 200, 1, 'late'));
    members.splice(60, 2);
    const next = await run(client, cursor);
    expect(next.told).toEqual(expect.arrayContaining(['new-000000@x.test', 'late-000000@x.test']));
  });

  it('overlap by five minutes with what was read before, also before a bound that is long past', async () => {
    const members = spread(500, (random) => random * YEAR);
    let edited = 0;
    const client = listClient(members, (now) => {
      Object.assign(members[edited++] ?? {}, { changedAt: now });
      return 60;
    });
    const { cursor } = await run(client, null);
    members.push(...tie(0, 1, 'late'), ...tie(50_000, 1, 'new'));
    const next = await run(client, cursor);
    expect(next.told).toEqual(expect.arrayContaining(['late-000000@x.test', 'new-000000@x.test']));
  });

  it('go on from the last stored cursor after an interruption behind any page', async () => {
    const members = [...spread(700, (random) => random * YEAR), ...tie(-2 * DAY, 350), ...tie(-10, 250)];
    const whole = await run(listClient(members), null);
    for (const cursor of whole.cursors.slice(0, -1)) {
      const told = new Set<string>();
      const client = listClient(members);
      for await (const page of readMembers(client, 'l1', 'unsubscribed', null, () => START * 1_000, PAGE)) {
        page.departures.forEach(({ email }) => told.add(email));
        if (page.cursor === cursor) break;
      }
      const rest = await run(client, cursor);
      rest.told.forEach((email) => told.add(email));
      expect(told.size).toBe(members.length);
      expect(rest.calls).toBeLessThanOrEqual(whole.calls);
    }
  });

  it('tell their rows before their cursor passes them', async () => {
    const members = spread(1_000, (random) => random * YEAR);
    const client = listClient(members);
    const told = new Set<string>();
    for await (const page of readMembers(client, 'l1', 'unsubscribed', null, () => START * 1_000, PAGE)) {
      page.departures.forEach(({ email }) => told.add(email));
      const rest = await run(listClient(members), page.cursor);
      const missing = members.filter(({ email_address: email }) => !told.has(email) && !rest.told.includes(email));
      expect(missing).toEqual([]);
    }
  });

  it('have six calls in flight while a page is stored, and leave none behind', async () => {
    const client = listClient(spread(3_000, (random) => random * YEAR));
    client.travel = () => new Promise((resolve) => setImmediate(resolve));
    let pages = 0;
    for await (const page of readMembers(client, 'l1', 'unsubscribed', null, () => START * 1_000, PAGE)) {
      expect(page.departures.length).toBeGreaterThan(0);
      if (++pages === 4) break;
    }
    expect(client.inFlight).toBe(0);
    expect(client.mostInFlight).toBe(6);
  });

  it('end with the error of one of them, once the others have settled', async () => {
    const client = listClient(spread(3_000, (random) => random * YEAR));
    client.travel = () => new Promise((resolve) => setImmediate(resolve));
    client.refuse = (query) => {
      if (query === client.asked[2]) throw new AppError('invalid_token', 'Refused.');
    };
    await expect(run(client, null)).rejects.toMatchObject({ code: 'invalid_token' });
    expect(client.inFlight).toBe(0);
  });
});
