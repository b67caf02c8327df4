import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Simulator, SimulatorOptions } from '../../local/simulator/public-interface.ts';
import { PortInUseError, start } from '../../local/simulator/start.ts';
import { call, openSimulator, testClock, until } from './open-simulator.ts';
import { at, rowsAt, textAt } from './read.ts';
import { openReceiver } from './receiver.ts';
import { runProgram } from './run-program.ts';

const running: Simulator[] = [];
// A test that fails must not keep the run from ending.
afterEach(() => Promise.all(running.splice(0).map((simulator) => simulator.close())));

async function startHere(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await start(options);
  running.push(simulator);
  return simulator;
}

describe('a simulator that a test starts', () => {
  it('takes a free port, and says which address it has', async () => {
    const simulator = await startHere();
    const reply = await call('GET', `${simulator.url}/3.0/ping`);
    expect(simulator.url).toBe(`http://127.0.0.1:${simulator.port}`);
    expect(reply.status).toBe(401);
    await expect(start({ port: simulator.port })).rejects.toThrow(PortInUseError);
  });

  it.each([
    ['0.0.0.0', '127.0.0.1'],
    ['localhost', 'localhost'],
  ])('that listens on %s can be called at its URL', async (host, name) => {
    const simulator = await startHere({ host });
    expect(simulator.url).toBe(`http://${name}:${simulator.port}`);
    expect((await call('GET', `${simulator.url}/_control/clock`)).status).toBe(200);
  });

  it('moves its own clock by a sum of spans, and never back', async () => {
    const simulator = await startHere();
    const now = async (): Promise<number> => Date.parse(textAt(await simulator.control('GET', '/clock'), 'now'));
    const before = await now();
    await simulator.advance({ days: 1, hours: 2, minutes: 3, seconds: 4, ms: 5 });
    const moved = (await now()) - before;
    expect(moved - 93_784_005).toBeGreaterThanOrEqual(0);
    expect(moved - 93_784_005).toBeLessThan(60_000);
    await expect(simulator.advance({ hours: -1 })).rejects.toThrow('POST /_control/clock/advance: The resource submitted');
  });

  it("leaves somebody else's clock alone, and says so", async () => {
    const simulator = await startHere({ clock: testClock() });
    await expect(simulator.advance({ minutes: 5 })).rejects.toThrow(
      'POST /_control/clock/advance: Another program owns the clock of this simulator.',
    );
  });

  it('gives a token for its first account, or for the one that is named', async () => {
    const simulator = await startHere();
    const second = textAt(await simulator.control('POST', '/accounts', { name: 'Mill Street Coffee' }), 'id');
    const nameOf = async (token: string): Promise<string> =>
      textAt((await call('GET', `${simulator.url}/3.0/`, undefined, { authorization: `Bearer ${token}` })).body, 'account_name');
    expect(await nameOf(await simulator.token())).toBe('Harbor Lane Bakery');
    expect(await nameOf(await simulator.token(second))).toBe('Mill Street Coffee');
    await expect(simulator.token('nobody')).rejects.toThrow('There is no account nobody.');
    await simulator.control('POST', '/reset', { empty: true });
    await expect(simulator.token()).rejects.toThrow('There is no account.');
  });

  it('says what a call of the control interface got wrong', async () => {
    const { control } = await startHere();
    await expect(control('GET', '/stat')).rejects.toThrow(
      'GET /_control/stat: There is no such call; GET /_control lists them all.',
    );
    await expect(control('GET', '/reset')).rejects.toThrow('GET /_control/reset: Method not allowed.');
    await expect(control('POST', '/settings', { dupRate: 7 })).rejects.toThrow(/^POST \/_control\/settings: .* dupRate: Too big/);
    await expect(control('POST', '/clock/advance', { minute: 5 })).rejects.toThrow('"minute"');
    await expect(control('GET', '/lists/0000000000')).rejects.toThrow('There is no such list.');
  });

  it('answers control calls with copies, and with nothing where there is nothing', async () => {
    const simulator = await startHere();
    const accounts = await simulator.control('GET', '/accounts');
    Object.assign(rowsAt(accounts, 'accounts')[0] ?? {}, { name: 'Somebody else' });
    expect(at(await simulator.control('GET', '/accounts'), 'accounts.0.name')).toBe('Harbor Lane Bakery');
    expect(at(await simulator.control('GET', '/calls?since=0'), 'calls')).toEqual([]);
    expect(await simulator.control('DELETE', '/faults')).toBeUndefined();
  });
});

describe('the world a newcomer finds', () => {
  it('is one account and one audience, whose mail comes from a verified domain', async () => {
    const { api, control, close } = await openSimulator();
    const state = (await control('GET', '/state')).body;
    const lists = (await api('GET', '/lists')).body;
    const domain = textAt(lists, 'lists.0.campaign_defaults.from_email').split('@')[1];
    const verified = await api('GET', `/verified-domains/${domain}`);
    await close();
    expect(rowsAt(state, 'accounts')).toHaveLength(1);
    expect(rowsAt(state, 'lists')).toMatchObject([{ subscribed: 50, unsubscribed: 5, cleaned: 2, archived: 0 }]);
    expect(rowsAt(lists, 'lists')).toMatchObject([{ stats: { member_count: 50, unsubscribe_count: 5, cleaned_count: 2 } }]);
    expect(verified).toMatchObject({ status: 200, body: { domain: 'harborlane.test', verified: true } });
  });

  it('is the same for the same seed, and another for another', async () => {
    const idsOf = async (seed: string): Promise<unknown[]> => {
      const { accountId, listId, close } = await openSimulator({ seed });
      await close();
      return [accountId, listId];
    };
    expect(await idsOf('rye')).toEqual(await idsOf('rye'));
    expect(await idsOf('rye')).not.toEqual(await idsOf('spelt'));
  });
});

/** In a process of its own, because Node warns each process once, and not the tests within it. */
const CROWD = `import { start } from './local/simulator/start.ts';
const simulator = await start();
const headers = { authorization: 'Bearer ' + (await simulator.token()) };
await simulator.control('POST', '/settings', { maxConcurrency: 100 });
await simulator.control('POST', '/faults', { kind: 'timeout', match: { path: '/3.0/ping' }, times: 'always' });
const ping = () => fetch(simulator.url + '/3.0/ping', { headers }).catch(() => 'dropped');
const calls = Array.from({ length: 30 }, ping);
while ((await simulator.control('GET', '/faults')).faults[0].hits < 30) await new Promise(setImmediate);
await simulator.close();
console.log((await Promise.all(calls)).filter((answer) => answer === 'dropped').length);
`;

describe('a simulator under a crowd', () => {
  it('keeps many calls waiting without a warning from Node, and drops them when it ends', async () => {
    const ended = await runProgram(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', CROWD]);
    expect(ended).toEqual({ code: 0, out: '30\n', err: '' });
  });
});

describe('a webhook', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('is called within a second of real time though no clock moves, and without waiting for the next poll', async () => {
    const neverPolls = jest.spyOn(globalThis, 'setInterval').mockImplementation(() => setTimeout(() => undefined, 0));
    const receiver = await openReceiver();
    const { api, control, listId, close } = await openSimulator({ clock: testClock() });
    expect(neverPolls).toHaveBeenCalled();
    const hook = { url: `${receiver.url}/in`, events: { unsubscribe: true }, sources: { user: true } };
    expect((await api('POST', `/lists/${listId}/webhooks`, hook)).status).toBe(200);
    await control('POST', `/lists/${listId}/burst`, { count: 3 });
    await until('all three were delivered', () => receiver.posts().length === 3, 1_000);
    await close();
    await receiver.close();
    expect(receiver.posts().map(({ form }) => form.get('type'))).toEqual(['unsubscribe', 'unsubscribe', 'unsubscribe']);
  });
});
