import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { NoTimeLeft } from '../../../../src/providers/mailchimp/no-time-left.ts';
import { readMembers } from '../../../../src/providers/mailchimp/read-departures.ts';
import { listClient, START, tie } from '../../../support/churning-list.ts';
import { readDeparted as run, spread } from '../../../support/read-departed.ts';
import { seededRandom } from '../../../support/seeded-random.ts';

const PAGE = 100;
const DAY = 86_400;
const YEAR = 365 * DAY;

const busy = (status: number | null) =>
  new AppError('vendor_unavailable', 'Too slow.', {
    vendor: { status, title: null, detail: null, instance: null, requestId: null, at: '2026-09-01T00:00:00.000Z' },
  });

describe('answers that are not whole', () => {
  it('meet everybody of a second whose order is another at each call', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const client = listClient([...tie(-3 * DAY, 3, 'a'), ...tie(-2 * DAY, 450, 'b'), ...tie(-DAY, 3, 'c')]);
      client.naive = { shuffle: seededRandom(seed) };
      expect(new Set((await run(client, null)).told).size).toBe(456);
    }
  });

  it('are asked for again, and leave their window open when that does not help', async () => {
    const members = spread(1_000, (random) => random * YEAR);
    const client = listClient(members);
    let calls = 0;
    client.naive = { isEmpty: () => ++calls % 4 === 0 };
    expect((await run(client, null)).told).toHaveLength(1_000);
    client.naive = { isEmpty: () => ++calls > 5 };
    const told = new Set<string>();
    let cursor: string | null = null;
    const read = async () => {
      for await (const page of readMembers(client, 'l1', 'unsubscribed', cursor, () => START * 1_000, PAGE)) {
        page.departures.forEach(({ email }) => told.add(email));
        cursor = page.cursor;
      }
    };
    calls = 0;
    await expect(read()).rejects.toMatchObject({ code: 'vendor_unavailable', retryable: true });
    client.naive = {};
    await read();
    expect(told.size).toBe(1_000);
  });

  it('of a second that never adds up are not passed over', async () => {
    const client = listClient([...tie(-3 * DAY, 3, 'a'), ...tie(-2 * DAY, 450, 'b')]);
    const honest = client.request;
    client.request = async (schema, address, details) =>
      honest(schema, address, { query: { ...details?.query, offset: Math.min(300, Number(details?.query?.['offset'])) } });
    await expect(run(client, null)).rejects.toMatchObject({ code: 'vendor_unavailable', retryable: true });
  });
});

describe('the size of a page', () => {
  it('comes down over several steps, when each question takes its whole time-out', async () => {
    const members = spread(3_000, (random) => random * YEAR);
    const told = new Set<string>();
    let cursor: string | null = null;
    let isDone = false;
    const firsts: number[] = [];
    for (let step = 0; step < 12 && !isDone; step++) {
      let [now, isFirst] = [0, true];
      const until = 240_000;
      const client = listClient(members);
      const honest = client.request;
      client.request = async (schema, address, details) => {
        const patience = details?.timeoutMs ?? 110_000;
        const timeout = Math.min(patience, until - now);
        const count = Number(details?.query?.['count']);
        if (isFirst) firsts.push(count);
        isFirst = false;
        now += Math.max(0, Math.min(timeout, count * 100));
        if (count * 100 <= timeout) return honest(schema, address, details);
        if (timeout < patience) throw new NoTimeLeft('vendor_unavailable', 'No time.', busy(null).extras);
        throw busy(null);
      };
      try {
        for await (const page of readMembers(client, 'l1', 'unsubscribed', cursor, () => START * 1_000)) {
          page.departures.forEach(({ email }) => told.add(email));
          cursor = page.cursor;
        }
        isDone = true;
      } catch (error) {
        expect(error).toBeInstanceOf(NoTimeLeft);
      }
    }
    expect(isDone).toBe(true);
    expect(told.size).toBe(3_000);
    expect(firsts.slice(0, 2)).toEqual([1_000, 250]);
    expect(Math.min(...firsts)).toBeGreaterThanOrEqual(125);
  });

  const sizes = (client: ReturnType<typeof listClient>) => client.asked.map((query) => Number(query.get('count')));

  it.each([null, 500, 502, 504])(
    'is halved until the vendor copes, stays so, and is whole the next time (%s)',
    async (status) => {
      const members = spread(3_000, (random) => random * YEAR);
      const client = listClient(members);
      client.refuse = (query) => {
        if (Number(query.get('count')) > 300) throw busy(status);
      };
      const { told, cursors, cursor } = await run(client, null, 1_000);
      expect(new Set(told).size).toBe(3_000);
      expect(sizes(client).slice(0, 3)).toEqual([1_000, 500, 250]);
      expect(
        sizes(client)
          .slice(3)
          .every((size) => size <= 250),
      ).toBe(true);
      const stored: unknown = JSON.parse(cursors[1] ?? '');
      expect(stored).toMatchObject({ size: 250 });
      client.asked.length = 0;
      client.refuse = () => undefined;
      await run(client, cursors[1] ?? null, 1_000);
      expect(Math.max(...sizes(client))).toBe(250);
      client.asked.length = 0;
      await run(client, cursor, 1_000);
      expect(sizes(client)).toEqual([1_000]);
    },
  );

  it('is not halved below fifty: then the error is told', async () => {
    const client = listClient(tie(-DAY, 3));
    client.refuse = () => {
      throw busy(504);
    };
    await expect(run(client, null, 1_000)).rejects.toMatchObject({ code: 'vendor_unavailable' });
    expect(sizes(client)).toEqual([1_000, 500, 250, 125, 62, 50]);
  });

  it('is not what another trouble is about', async () => {
    const client = listClient(tie(-DAY, 3));
    client.refuse = () => {
      throw new AppError('vendor_rate_limited', 'Later.');
    };
    await expect(run(client, null, 1_000)).rejects.toMatchObject({ code: 'vendor_rate_limited' });
    expect(client.asked).toHaveLength(1);
  });

  it('follows a vendor that gives fewer rows than it was asked for', async () => {
    const members = [...spread(300, (random) => random * YEAR), ...tie(-DAY, 333)];
    const client = listClient(members);
    client.naive = { pageSize: 40 };
    expect(new Set((await run(client, null)).told).size).toBe(633);
  });
});
