import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { QUIRKS, type Area } from '../../local/simulator/quirks.ts';
import { openSimulator, testClock, type Opened, type Reply, type TestClock } from './open-simulator.ts';
import { textAt } from './read.ts';

/** A simulator that begins anew with every look at a quirk; ids and token stay the same. */
export interface Bench extends Opened {
  readonly clock: TestClock;
  readonly api: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;
  readonly control: (method: string, path: string, body?: unknown) => Promise<Reply>;
  /** An address of the list in that status. */
  readonly someone: (status?: string) => Promise<string>;
  /** Changes settings beside the one that is looked at. */
  readonly set: (settings: object) => Promise<void>;
}

/** The id of a quirk, what a client sees of it, and what that is with the quirk on and off. */
export type QuirkCase = readonly [id: string, look: (bench: Bench) => unknown, on: unknown, off?: unknown];

/** Defines a test for each quirk of an area, and one that finds those without. */
export function testQuirks(area: Area, cases: readonly QuirkCase[]): void {
  describe(`a client meets the quirks of ${area}`, () => {
    let bench: Bench;

    beforeAll(async () => {
      bench = await openBench();
    });
    afterAll(() => bench.close());

    const look = async (id: string, state: 'on' | 'off', see: QuirkCase[1]): Promise<unknown> => {
      await begin(bench);
      expect((await bench.control('POST', '/quirks', { [id]: state })).status).toBe(200);
      return see(bench);
    };

    it.each(cases.map(([id, see, on, off]) => ({ id, see, on, off })))('$id', async ({ id, see, on, off }) => {
      const quirk = QUIRKS[area].find((known) => known.id === id);
      if (quirk !== undefined && 'none' in quirk.switch) {
        await begin(bench);
        expect(await see(bench)).toEqual(on);
        return;
      }
      expect(off).not.toEqual(on);
      expect(await look(id, 'on', see)).toEqual(on);
      expect(await look(id, 'off', see)).toEqual(off);
    });

    it('has a test for every quirk', () => {
      expect(cases.map(([id]) => id)).toEqual(QUIRKS[area].map(({ id }) => id));
    });
  });
}

async function openBench(): Promise<Bench> {
  const clock = testClock();
  const opened = await openSimulator({ clock }, { held: false });
  return {
    ...opened,
    clock,
    someone: async (status = 'subscribed') =>
      textAt((await opened.api('GET', `/lists/${opened.listId}/members?status=${status}`)).body, 'members.0.email_address'),
    set: async (settings) => {
      expect((await opened.control('POST', '/settings', settings)).status).toBe(200);
    },
  };
}

async function begin({ control, accountId, token }: Bench): Promise<void> {
  await control('POST', '/reset', {});
  await control('POST', `/accounts/${accountId}/tokens`, { token });
}

/** A draft that could be sent, but for what is given. */
export async function readyCampaign({ api, listId }: Bench, given: object = {}, toList = listId): Promise<string> {
  const settings = { subject_line: 'Rye', from_name: 'Harbor Lane', reply_to: 'hello@harborlane.test' };
  const made = await api('POST', '/campaigns', { type: 'regular', recipients: { list_id: toList }, settings, ...given });
  const id = textAt(made.body, 'id');
  await api('PUT', `/campaigns/${id}/content`, { html: '<p>Rye <a href="*|UNSUB|*">leave</a></p>' });
  return id;
}

/** A campaign that has just been sent. */
export async function sentCampaign(bench: Bench, toList = bench.listId): Promise<string> {
  const id = await readyCampaign(bench, {}, toList);
  expect((await bench.api('POST', `/campaigns/${id}/actions/send`)).status).toBe(204);
  bench.clock.advance(5_000);
  return id;
}
