import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { start } from '../../local/simulator/start.ts';
import { call, HOUR, until, type Reply } from './open-simulator.ts';
import { at, columnAt, textAt } from './read.ts';
import { openReceiver, type Receiver } from './receiver.ts';
import { runProgram, startProgram, type RunningProgram } from './run-program.ts';

const CLI = ['--import', 'tsx', 'local/simulator/cli.ts'];

/** The program a person starts, on a free port. */
const startOn = (stateDir: string, environment: Record<string, string> = {}): Promise<RunningProgram> =>
  startProgram(process.execPath, CLI, { env: { SIMULATOR_PORT: '0', SIMULATOR_STATE_DIR: stateDir, ...environment } });

describe('the state folder', () => {
  let folder = '';
  let receiver: Receiver;
  let running: RunningProgram | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simulator-'));
    receiver = await openReceiver();
  });
  afterEach(async () => {
    if (running !== undefined) await running.end();
    running = undefined;
  });
  afterAll(async () => {
    await receiver.close();
    await rm(folder, { recursive: true });
  });

  it('keeps everything that was answered when the process is killed', async () => {
    running = await startOn(folder);
    const { url } = running;
    const control = (method: string, path: string, body?: unknown): Promise<Reply> =>
      call(method, `${url}/_control${path}`, body);
    await control('POST', '/settings', { softBounceRate: 0.25 });
    const state = (await control('GET', '/state')).body;
    const [account, list] = [textAt(state, 'accounts.0.id'), textAt(state, 'lists.0.id')];
    const token = textAt((await control('POST', `/accounts/${account}/tokens`)).body, 'access_token');
    const authorization = `Bearer ${token}`;
    const hook = await call(
      'POST',
      `${url}/3.0/lists/${list}/webhooks`,
      { url: `${receiver.url}/in`, events: { unsubscribe: true }, sources: { user: true } },
      { authorization },
    );
    receiver.answer = () => 500;
    await control('POST', '/clock/advance', { hours: 5 });
    const left = textAt((await control('POST', `/lists/${list}/burst`, { count: 1 })).body, 'emails.0');
    await until('the first attempt failed', () => receiver.posts().length === 1);
    const draft = await call('POST', `${url}/3.0/campaigns`, { type: 'regular' }, { authorization });
    await running.end();

    running = await startOn(folder);
    const again = running.url;
    const read = async (path: string): Promise<unknown> =>
      (await call('GET', `${again}/3.0${path}`, undefined, { authorization })).body;
    expect(await read(`/lists/${list}/members/${encodeURIComponent(left)}`)).toMatchObject({ status: 'unsubscribed' });
    expect(await read(`/campaigns/${textAt(draft.body, 'id')}`)).toMatchObject({ status: 'save' });
    expect(columnAt(await read(`/lists/${list}/webhooks`), 'webhooks', 'id')).toEqual([textAt(hook.body, 'id')]);
    const after = (await call('GET', `${again}/_control/state`)).body;
    expect(at(after, 'settings.softBounceRate')).toBe(0.25);
    expect(Date.parse(textAt(after, 'now')) - Date.now()).toBeGreaterThan(4.9 * HOUR);
    receiver.answer = () => 200;
    await call('POST', `${again}/_control/clock/advance`, { minutes: 80 });
    await until('the pending delivery came', () => receiver.posts().length === 2);
    expect(receiver.posts()[1]?.form.get('data[email]')).toBe(left);
  });

  it('holds neither tokens nor codes in clear, and is for its owner only', async () => {
    running = await startOn(folder, { SIMULATOR_AUTO_APPROVE: '1' });
    const { url } = running;
    const state = (await call('GET', `${url}/_control/state`)).body;
    const issued = await call('POST', `${url}/_control/accounts/${textAt(state, 'accounts.0.id')}/tokens`);
    const query = 'response_type=code&client_id=any&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fback';
    const back = await call('GET', `${url}/oauth2/authorize?${query}`);
    const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
    expect(code).toMatch(/^[0-9a-f]{32}$/);
    const written = await readFile(join(folder, 'simulator.json'), 'utf8');
    expect(written).not.toContain(textAt(issued.body, 'access_token'));
    expect(written).not.toContain(code);
    expect((await stat(join(folder, 'simulator.json'))).mode & 0o777).toBe(0o600);
  });

  it('is left alone by a second process that finds the port taken', async () => {
    running = await startOn(folder);
    const port = new URL(running.url).port;
    const file = join(folder, 'simulator.json');
    await until('the state was written', () => existsSync(file));
    const before = await stat(file);
    const second = await runProgram(process.execPath, CLI, { env: { SIMULATOR_PORT: port, SIMULATOR_STATE_DIR: folder } });
    expect(second).toMatchObject({ code: 1, out: '' });
    expect(second.err).toMatch(new RegExp(`^Port ${port} on 127.0.0.1 is already in use .*\\n$`));
    expect(await stat(file)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  });

  it('is refused in one line when something else wrote it', async () => {
    const foreign = await mkdtemp(join(tmpdir(), 'simulator-'));
    await writeFile(join(foreign, 'simulator.json'), '{"version":9}');
    const refusal = await start({ stateDir: foreign }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Error);
    expect(String(refusal)).toMatch(/^Error: The state in \S+simulator\.json cannot be read .*$/);
    expect(await readFile(join(foreign, 'simulator.json'), 'utf8')).toBe('{"version":9}');
    await rm(foreign, { recursive: true });
  });
});
