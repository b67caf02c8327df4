import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startClockEndpoint } from '../../local/stack/clock/clock-endpoint.ts';
import { Counters } from '../../local/stack/counts/stack-counts.ts';
import { openClock } from '../../local/stack/clock/stack-clock.ts';
import type { LocalServer } from '../../local/stack/http/local-server.ts';
import { ask } from './request.ts';

describe('the control of the clock', () => {
  const clock = openClock();
  let server: LocalServer;
  beforeAll(async () => {
    const advance = (ms: number) => {
      clock.moveTo(clock.offsetMs() + ms);
      return Promise.resolve([]);
    };
    server = await startClockEndpoint({ clock, advance, queues: () => ({}), counts: () => new Counters().counts() });
  });
  afterAll(() => server.close());

  const advance = (body: string, headers: Record<string, string> = {}) =>
    ask(server.url, '/advance', { method: 'POST', body, headers });

  test('moves the clock', async () => {
    const before = clock.offsetMs();
    expect((await advance('{"ms":1000}')).status).toBe(200);
    expect(clock.offsetMs()).toBe(before + 1000);
  });

  test.each([
    ['a name that points here', { host: 'elsewhere.test' }],
    ['a web page', { origin: 'http://127.0.0.1:4000' }],
    ['a form of another site', { 'sec-fetch-site': 'cross-site' }],
  ])('does nothing for %s', async (_who, headers) => {
    const before = clock.offsetMs();
    expect((await advance('{"ms":1000}', headers)).status).toBe(403);
    expect(clock.offsetMs()).toBe(before);
  });

  test.each(['{"ms":-1}', '{"ms":1.5}', '{"ms":"1"}', '{}', 'nonsense'])('refuses %s', async (body) => {
    const before = clock.offsetMs();
    expect((await advance(body)).status).toBe(400);
    expect(clock.offsetMs()).toBe(before);
  });
});
