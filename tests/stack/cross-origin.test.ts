import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import { join } from 'node:path';
import { startHttpApi, type HttpApi } from '../../local/stack/http/http-api.ts';
import { makeRouter } from '../../local/stack/http/match-route.ts';
import { readSettings } from '../../local/stack/read-settings.ts';
import { ROUTES } from '../../src/contract/routes.ts';
import { closesWithTest } from './cleanup.ts';
import { ask, type Reply } from './request.ts';
import { temporaryFolder } from './temporary-folder.ts';

const CONSOLE = 'https://app.example.test';
const accessLog = join(temporaryFolder(), 'access.log');
const preflight = (origin: string, path = '/v1/campaigns'): [string, { method: string; headers: Record<string, string> }] => [
  path,
  { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } },
];
const corsIn = ({ headers }: Reply): string[] => Object.keys(headers).filter((name) => name.startsWith('access-control-'));

describe('the HTTP API, asked by a script of another origin', () => {
  let api: HttpApi<string>;
  let invoked: number;
  let answer: object;

  const open = async (consoleOrigins: readonly string[]): Promise<HttpApi<string>> => {
    const started = await startHttpApi<string>(0);
    started.open({
      match: makeRouter<string>(Object.values(ROUTES), 'api-read'),
      invoke: () => {
        invoked += 1;
        return Promise.resolve(answer);
      },
      page: () => undefined,
      accessLog,
      consoleOrigins,
    });
    return started;
  };

  beforeAll(async () => {
    api = await open(['https://other.example.test', CONSOLE]);
  });
  beforeEach(() => {
    invoked = 0;
    answer = { statusCode: 200, headers: { link: '<…>; rel="next"', 'access-control-allow-origin': '*' }, body: 'ok' };
  });
  afterAll(() => api.close());

  test.each(['/v1/campaigns', '/v1/nowhere'])('answers its preflight for %s without any function', async (path) => {
    const reply = await ask(api.url, ...preflight(CONSOLE, path));
    expect(reply).toMatchObject({
      status: 204,
      text: '',
      headers: {
        'access-control-allow-origin': CONSOLE,
        'access-control-allow-methods': 'DELETE,GET,PATCH,POST,PUT',
        'access-control-allow-headers': 'authorization,content-type,idempotency-key',
        'access-control-max-age': '7200',
      },
    });
    expect(reply.headers).not.toHaveProperty('access-control-allow-credentials');
    expect(invoked).toBe(0);
  });

  test.each([
    'https://app.example.test.evil.test',
    'https://app.example.test:8443',
    'http://app.example.test',
    'https://APP.example.test',
    'null',
    '*',
  ])('tells %s nothing it could use', async (origin) => {
    const asked = await ask(api.url, ...preflight(origin));
    expect([asked.status, corsIn(asked)]).toEqual([204, []]);
    expect(corsIn(await ask(api.url, '/v1/campaigns', { headers: { origin } }))).toEqual([]);
  });

  it('lets the console see the headers it needs, whatever the function says of CORS', async () => {
    const { headers } = await ask(api.url, '/v1/campaigns', { headers: { origin: CONSOLE } });
    expect(headers).toMatchObject({
      'access-control-allow-origin': CONSOLE,
      'access-control-expose-headers': 'apigw-requestid,content-disposition,idempotent-replay,link,retry-after',
      'apigw-requestid': expect.any(String),
    });
    expect(corsIn(await ask(api.url, '/v1/campaigns'))).toEqual([]);
  });

  test.each([
    ['of a function', { statusCode: 429, headers: { 'retry-after': '7' }, body: '{}' }, 429],
    ['of the gateway', { statusCode: 'nonsense' }, 500],
  ])('lets the console read an error %s', async (_, given, status) => {
    answer = given;
    const reply = await ask(api.url, '/v1/campaigns', { headers: { origin: CONSOLE } });
    expect([reply.status, reply.headers['access-control-allow-origin']]).toEqual([status, CONSOLE]);
  });

  it('has no CORS at all without an origin of a console: OPTIONS is a request like any other', async () => {
    const closed = await open([]);
    closesWithTest(closed.close);
    await ask(closed.url, ...preflight(CONSOLE));
    expect(invoked).toBe(1);
    const { headers } = await ask(closed.url, '/v1/campaigns', { headers: { origin: CONSOLE } });
    expect(headers['access-control-expose-headers']).toBeUndefined();
  });
});

describe('CONSOLE_ORIGINS', () => {
  it('is nobody unless it says so', () => {
    expect(readSettings([], {}).consoleOrigins).toEqual([]);
    const two = readSettings([], { CONSOLE_ORIGINS: 'http://localhost:5173, https://app.example.test' });
    expect(two.consoleOrigins).toEqual(['http://localhost:5173', 'https://app.example.test']);
  });

  test.each(['*', 'https://*.example.test', 'https://app.example.test/', 'app.example.test', 'HTTPS://app.example.test'])(
    'refuses %s',
    (given) => {
      expect(() => readSettings([], { CONSOLE_ORIGINS: given })).toThrow(/CONSOLE_ORIGINS is not usable/);
    },
  );
});
