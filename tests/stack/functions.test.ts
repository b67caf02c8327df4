import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openClock } from '../../local/stack/clock/stack-clock.ts';
import { buildWorker } from '../../local/stack/functions/build-worker.ts';
import { functionEnvironment } from '../../local/stack/functions/function-environment.ts';
import { makeFunctionHost, type FunctionHost, type FunctionHostOptions } from '../../local/stack/functions/function-host.ts';
import { buildFunctions } from '../../scripts/build-functions.ts';
import { toHttpEvent } from '../../local/stack/http/http-event.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const bundle = join(folder, 'bundle.mjs');
const logFile = join(folder, 'function.log');
const DAY_MS = 86_400_000;

let worker: string;
let host: FunctionHost | undefined;
beforeAll(async () => {
  worker = await buildWorker(folder);
});
afterEach(() => host?.close());

/** A function whose handler is this text; `event` and `context` are in scope. */
function run(body: string, options: Partial<FunctionHostOptions> = {}): FunctionHost {
  writeBundle(body);
  const clock = openClock();
  host = makeFunctionHost({
    name: 'one',
    worker,
    bundle,
    env: {},
    timeoutMs: 10_000,
    memoryMb: 512,
    logFile,
    clock,
    ...options,
  });
  return host;
}
const writeBundle = (body: string): void =>
  writeFileSync(bundle, `let calls = 0; export const handler = async (event, context) => { calls += 1; ${body} };`);

describe('a function of the local stack', () => {
  test('sees its own environment and nothing of ours', async () => {
    process.env['OF_THE_STARTER'] = 'secret';
    const endpoints = { dynamodb: 'http://d', secretsManager: 'http://s', sqs: 'http://q', kms: 'http://k' };
    const env = functionEnvironment('one', { env: ['STAGE', 'TABLE_NAME'] }, { STAGE: 'local', RETURN_URLS: 'x' }, endpoints);
    const seen = await run('return process.env', { env }).invoke({});
    delete process.env['OF_THE_STARTER'];
    expect(seen).toEqual({
      STAGE: 'local',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'one',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_LAMBDA_FUNCTION_NAME: 'one',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://d',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://s',
      AWS_ENDPOINT_URL_SQS: 'http://q',
      AWS_ENDPOINT_URL_KMS: 'http://k',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    });
  });

  test('says where it failed by the file that somebody wrote, as on AWS', async () => {
    const { throwing } = await buildFunctions({
      outDir: folder,
      functions: { throwing: { entry: 'tests/support/throwing-function.ts' } },
      maps: 'whole',
    });
    expect(await run('', throwing === undefined ? {} : { bundle: throwing }).invoke({})).toMatch(
      /\(throwing-function\.ts:\d+:\d+\)$/,
    );
  });

  test('stays warm, and knows how much time is left', async () => {
    const { invoke } = run('return { calls, left: context.getRemainingTimeInMillis(), name: context.functionName }');
    expect(await invoke({})).toMatchObject({ calls: 1, name: 'one' });
    const second = await invoke({});
    expect(second).toMatchObject({ calls: 2 });
    const left = Number(Reflect.get(Object(second), 'left'));
    expect(left).toBeGreaterThan(5_000);
    expect(left).toBeLessThanOrEqual(10_000);
  });

  test('lives in the time of the stack, while its event tells the real one', async () => {
    const clock = openClock();
    clock.moveTo(3 * DAY_MS);
    const event = toHttpEvent({
      method: 'GET',
      target: '/',
      headers: {},
      body: Buffer.alloc(0),
      sourceIp: '',
      requestId: '',
      routeKey: '$default',
      pathParameters: undefined,
    });
    const { invoke } = run(
      'return { ahead: [Date.now(), new Date().getTime(), Date.parse(Date())].map((t) => t - event.requestContext.timeEpoch), fixed: new Date(0).toISOString() }',
      { clock },
    );
    const seen: unknown = await invoke(event);
    for (const ahead of Object(Reflect.get(Object(seen), 'ahead'))) {
      expect(Math.abs(Number(ahead) - 3 * DAY_MS)).toBeLessThan(30_000);
    }
    expect(seen).toMatchObject({ fixed: '1970-01-01T00:00:00.000Z' });
  });

  test('that takes too long is killed, and works at the next call', async () => {
    const { invoke } = run('if (event.stuck) for (;;); return calls', { timeoutMs: 1_500 });
    await invoke({});
    await expect(invoke({ stuck: true })).rejects.toMatchObject({ failure: 'timed_out' });
    expect(await invoke({})).toBe(1);
    expect(readFileSync(logFile, 'utf8')).toContain('Task timed out after 1.50 seconds');
  });

  test('that was killed does nothing any more', async () => {
    const trace = join(folder, 'trace');
    const { invoke } = run(
      `const { writeFileSync } = await import('node:fs'); for (let n = 0; ; n += 1) writeFileSync(${JSON.stringify(trace)}, String(n));`,
      { timeoutMs: 500 },
    );
    await expect(invoke({})).rejects.toMatchObject({ failure: 'timed_out' });
    const until = performance.now() + 10_000;
    let [seen, now] = ['', readFileSync(trace, 'utf8')];
    while (seen !== now && performance.now() < until) {
      seen = now;
      // A worker that is still alive writes many times in this.
      await wait(200);
      now = readFileSync(trace, 'utf8');
    }
    expect(now).toBe(seen);
  });

  test('that throws fails alone, and its log says why', async () => {
    const { invoke } = run("if (event.bad) throw new TypeError('broken pipe'); return calls");
    await expect(invoke({ bad: true })).rejects.toMatchObject({ failure: 'failed', message: 'TypeError: broken pipe' });
    expect(await invoke({})).toBe(2);
    expect(readFileSync(logFile, 'utf8')).toContain('"errorMessage":"broken pipe"');
  });

  test.each([
    ['crashes', "setTimeout(() => { throw new Error('boom'); }); await new Promise(() => {})", 'crashed'],
    ['leaves a rejection unhandled', "void Promise.reject(new Error('boom')); await new Promise(() => {})", 'crashed'],
    ['exits', 'process.exit(3)', 'stopped'],
  ])('that %s is started again', async (_what, bad, failure) => {
    const { invoke } = run(`if (event.bad) { ${bad} } return calls`);
    await expect(invoke({ bad: true })).rejects.toMatchObject({ failure });
    expect(await invoke({})).toBe(1);
  });

  test.each([
    ['does not parse', 'export const handler = (', 'crashed'],
    ['throws while it loads', "throw new Error('no table name')", 'crashed'],
    ['has no handler', 'export const other = 1', 'crashed'],
    ['never finishes loading', 'setInterval(() => {}, 1000); await new Promise(() => {})', 'stopped'],
  ])('whose bundle %s fails at each call, until it is mended', async (_what, text, failure) => {
    const { invoke, warm } = run('', { loadTimeoutMs: 2_000 });
    writeFileSync(bundle, text);
    await warm();
    await expect(Promise.all([invoke({}), invoke({})])).rejects.toMatchObject({ failure });
    writeBundle("return 'mended'");
    expect(await invoke({})).toBe('mended');
  });

  test('writes what it prints to its log, an entry a line', async () => {
    await run("console.log('two\\nlines'); process.stdout.write('raw\\n'); console.warn({ a: 1 })").invoke({});
    expect(readFileSync(logFile, 'utf8')).toContain('two\rlines\nraw\n{ a: 1 }\n');
  });

  test.each([
    ['an event', "return ''", { big: 'x'.repeat(6 * 1024 * 1024) }, 'request_too_large'],
    ['an answer', "return 'x'.repeat(6 * 1024 * 1024)", {}, 'too_large'],
  ])('takes no more than 6 MB of %s', async (_what, body, event, failure) => {
    await expect(run(body).invoke(event)).rejects.toMatchObject({ failure });
  });

  test('refuses calls once the stack stops, and fails those under way', async () => {
    const { invoke, close } = run('await new Promise(() => setInterval(() => {}, 1000))');
    const waiting = expect(invoke({})).rejects.toMatchObject({ failure: 'stopped' });
    await close();
    await waiting;
    await expect(invoke({})).rejects.toMatchObject({ failure: 'stopped' });
  });
});
