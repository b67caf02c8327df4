import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { checkPort } from '../../local/stack/http/check-port.ts';
import { listenOnLoopback } from '../../local/stack/http/local-server.ts';
import { Program, startStackProgram, stateOf, type RunningStack } from './program.ts';
import { ask, type Asked } from './request.ts';
import { createQueue, sqsClient, TestQueue } from './sqs-queue.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ONE_LINE = /^[^\n]+\n$/;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function goneWithin(ms: number, pids: readonly number[]): Promise<void> {
  const until = performance.now() + ms;
  while (pids.some(isAlive) && performance.now() < until) await wait(20);
  expect(pids.filter(isAlive)).toEqual([]);
}

describe('npm start', () => {
  const folder = join(temporaryFolder(), 'state');
  const healthyAfter: number[] = [];
  let stack: RunningStack;
  const start = async (...args: string[]): Promise<void> => {
    stack = await startStackProgram(folder, ...args);
    healthyAfter.push(Math.round(stack.healthyAfterMs));
  };
  const api = (path: string, asked: Asked = {}) =>
    ask(stack.info.apiUrl, path, { ...asked, headers: { authorization: `Bearer ${stack.info.apiKey}`, ...asked.headers } });
  const clock = async (...args: string[]) => {
    const program = new Program('scripts/clock.ts', args, { LOCAL_STATE_DIR: folder });
    return { code: await program.ended(), out: program.out, err: program.err };
  };

  beforeAll(() => start());
  afterAll(async () => {
    await stack.program.end('SIGKILL');
  });

  test('shows the page and the key, and complains of nothing', () => {
    expect(stack.program.out).toContain(stack.info.pageUrl);
    expect(stack.program.out).toContain(stack.info.apiKey);
    expect(stack.program.err).toBe('');
  });

  test('keeps what it stores from other people', () => {
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'stack.json')).mode & 0o777).toBe(0o600);
  });

  test('serves the API to the key it printed, and to no other', async () => {
    expect((await api('/v1/settings')).status).toBe(200);
    expect((await api('/v1/settings', { headers: { authorization: 'Bearer ilx_local_wrong' } })).status).toBe(401);
  });

  test('refuses a second start over the same folder in one line, and goes on', async () => {
    const second = new Program('local/start.ts', [], stateOf(folder));
    expect(await second.ended()).toBe(1);
    expect([second.out, second.err]).toEqual(['', expect.stringMatching(ONE_LINE)]);
    expect(second.err).toContain('already running');
    expect(JSON.parse(readFileSync(join(folder, 'stack.json'), 'utf8'))).toMatchObject({ pid: stack.info.pid });
    expect((await api('/v1/health')).status).toBe(200);
  });

  test('survives clients that go away in the middle', async () => {
    const urls = [stack.info.apiUrl, stack.info.simulatorUrl ?? '', ...Object.values(stack.info.endpoints)];
    const halves = [
      'POST /v1/campaigns HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{"half',
      'GET /v1/set',
      'not HTTP at all\r\n\r\n',
    ];
    for (const url of urls) {
      for (const half of halves) {
        await new Promise<void>((resolve) => {
          const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
            socket.write(half, () => socket.resetAndDestroy()),
          );
          socket.on('error', () => undefined).on('close', () => resolve());
        });
      }
    }
    expect((await api('/v1/settings')).status).toBe(200);
    expect(stack.program.err).toBe('');
  });

  test('moves its clock on demand, whatever lies in a dead-letter queue, and prints nothing but JSON', async () => {
    const dead = stack.info.queueUrls['followups']?.replace(/followups$/, 'followups-dlq') ?? '';
    await new TestQueue(sqsClient(stack.info.endpoints.sqs), dead).send('{}');
    const { code, out, err } = await clock('advance', '6h');
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({
      offsetMs: 6 * 3_600_000,
      fired: expect.arrayContaining([{ rule: 'sync-automation-performance', time: expect.any(String) }]),
    });
  });

  test.each([[['advance', 'soon']], [['rewind', '6h']], [[]]])('answers clock %j with one line', async (args) => {
    const { code, out, err } = await clock(...args);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(ONE_LINE);
    expect(err).toContain('Usage');
  });

  test('has its data, key, queues and time after it was killed', async () => {
    const before = stack.info;
    await api('/v1/settings', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"senderName":"Kept"}' });
    const queue = await createQueue(sqsClient(before.endpoints.sqs));
    await queue.send('kept');
    await queue.receive();
    const children = stack.program.children();
    await stack.program.end('SIGKILL');
    await goneWithin(5_000, children);
    expect(existsSync(join(folder, 'stack.json'))).toBe(true);
    expect(await clock('now')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^No stack is running.*\n$/) });

    await start();
    expect(stack.info).toMatchObject({ tenantId: before.tenantId, apiKey: before.apiKey });
    expect(JSON.parse((await api('/v1/settings')).text)).toMatchObject({ senderName: 'Kept' });
    expect(await new TestQueue(sqsClient(stack.info.endpoints.sqs), queue.url).bodies()).toEqual(['kept']);
    expect(JSON.parse((await clock('now')).out)).toMatchObject({ offsetMs: 6 * 3_600_000 });
  });

  test('ends within two seconds when it is asked to, requests or not, and gives its port back', async () => {
    const { hostname, port } = new URL(stack.info.apiUrl);
    const idle = connect(Number(port), hostname).on('error', () => undefined);
    const polling = new TestQueue(sqsClient(stack.info.endpoints.sqs), stack.info.queueUrls['sync'] ?? '').receive(1, 20);
    polling.catch(() => undefined);
    expect(await stack.program.end('SIGTERM')).toBeLessThan(2_000);
    idle.destroy();
    expect(await stack.program.ended()).toBe(0);
    expect(existsSync(join(folder, 'stack.json'))).toBe(false);
    await checkPort(Number(port));
  });

  test('begins anew with --reset, which leaves the files of others alone', async () => {
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    const before = stack.info;
    await start('--reset');
    expect(stack.info.apiKey).not.toBe(before.apiKey);
    expect(JSON.parse((await api('/v1/settings')).text)).not.toMatchObject({ senderName: 'Kept' });
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  });

  test('is healthy soon', () => {
    console.log(`healthy after ${healthyAfter.join(', ')} ms`);
    // The quickest of the starts above, and generously: other tests run at the same time.
    expect(Math.min(...healthyAfter)).toBeLessThan(15_000);
  });
});

describe('npm start that cannot', () => {
  const fails = async (env: Record<string, string>, ...args: string[]): Promise<string> => {
    const program = new Program('local/start.ts', args, env);
    expect(await program.ended()).toBe(1);
    expect(program.out).toBe('');
    expect(program.err).toMatch(ONE_LINE);
    return program.err;
  };

  test.each(['PORT', 'SIMULATOR_PORT'])('have its %s says so in one line, and has touched nothing', async (variable) => {
    const folder = join(temporaryFolder(), 'state');
    const other = await listenOnLoopback(createServer());
    const said = await fails({ ...stateOf(folder), [variable]: String(other.port) });
    await other.close();
    expect(said).toContain(`Port ${other.port} is in use`);
    expect(said).toContain(`${variable}=`);
    expect(existsSync(folder)).toBe(false);
  });

  test.each([
    ['that is not there', undefined],
    ['of another program', '{"name":"other"}'],
  ])('recognise the folder by a mark %s does not reset it', async (_what, mark) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'logs'));
    writeFileSync(join(folder, 'logs', 'mine.log'), 'mine');
    if (mark !== undefined) writeFileSync(join(folder, 'state.json'), mark);
    const before = readdirSync(folder);
    expect(await fails(stateOf(folder), '--reset')).toContain('not made by this program');
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(join(folder, 'logs', 'mine.log'), 'utf8')).toBe('mine');
  });

  test('read its settings names the variable', async () => {
    expect(await fails({ ...stateOf(temporaryFolder()), PORT: 'http' })).toContain('PORT');
  });

  test('understand an argument names it', async () => {
    expect(await fails(stateOf(temporaryFolder()), '--rest')).toContain('--rest');
  });
});
