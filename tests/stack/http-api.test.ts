import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { FunctionError } from '../../local/stack/functions/function-error.ts';
import { startHttpApi, type HttpApi } from '../../local/stack/http/http-api.ts';
import { makeRouter } from '../../local/stack/http/match-route.ts';
import { closesWithTest } from './cleanup.ts';
import { ask } from './request.ts';
import { temporaryFolder } from './temporary-folder.ts';

const contextSchema = z.object({ requestContext: z.object({ timeEpoch: z.number() }) });
type Answer = (event: object) => Promise<unknown>;

describe('the HTTP API of the local stack', () => {
  const accessLog = join(temporaryFolder(), 'access.log');
  let api: HttpApi<string>;
  let events: object[];
  let answer: Answer;

  beforeAll(async () => {
    api = await startHttpApi<string>(0);
    api.open({
      match: makeRouter(
        [
          { method: 'ANY', path: '/v1/things/{id}', fn: 'things' },
          { method: 'ANY', path: '/hooks/{proxy+}', fn: 'hooks' },
        ],
        'fallback',
      ),
      invoke: (_fn, event) => {
        events.push(event);
        return answer(event);
      },
      page: () => undefined,
      accessLog,
      integrationTimeoutMs: 200,
    });
  });
  beforeEach(() => {
    events = [];
    answer = () => Promise.resolve({ statusCode: 200, body: 'ok' });
  });
  afterAll(() => api.close());

  test('hands a request over as an event of version 2.0', async () => {
    const before = Date.now();
    await ask(api.url, '/v1/things/a%40b?x=1&x=2&y=a%20b&empty=', {
      headers: { cookie: 'a=1; b=2', 'X-Many': ['1', '2'], 'user-agent': 'test' },
    });
    expect(events).toMatchObject([
      {
        version: '2.0',
        routeKey: 'ANY /v1/things/{id}',
        rawPath: '/v1/things/a@b',
        rawQueryString: 'x=1&x=2&y=a%20b&empty=',
        cookies: ['a=1', 'b=2'],
        headers: { 'x-many': expect.stringMatching(/^1, ?2$/), 'user-agent': 'test' },
        queryStringParameters: { x: '1,2', y: 'a b', empty: '' },
        pathParameters: { id: 'a@b' },
        requestContext: {
          http: { method: 'GET', path: '/v1/things/a@b', sourceIp: '127.0.0.1', userAgent: 'test' },
          stage: '$default',
          time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        },
        isBase64Encoded: false,
      },
    ]);
    expect(events[0]).not.toHaveProperty('headers.cookie');
    expect(events[0]).not.toHaveProperty('body');
    const { timeEpoch } = contextSchema.parse(events[0]).requestContext;
    expect(timeEpoch).toBeGreaterThanOrEqual(before);
    expect(timeEpoch).toBeLessThanOrEqual(Date.now());
  });

  test.each([
    ['application/json', '{"ä":1}', '{"ä":1}', false],
    ['application/x-www-form-urlencoded', 'a=%C3%A4', Buffer.from('a=%C3%A4').toString('base64'), true],
    ['application/octet-stream', Buffer.from([0, 255]), 'AP8=', true],
  ])('hands over the body of %s', async (type, sent, body, isBase64Encoded) => {
    await ask(api.url, '/hooks/one', { method: 'POST', headers: { 'content-type': type }, body: sent });
    expect(events).toMatchObject([{ body, isBase64Encoded }]);
  });

  test('gives a trailing slash to the greedy route of the webhooks, with its query', async () => {
    await ask(api.url, '/hooks/one/?secret=s', { method: 'POST' });
    expect(events).toMatchObject([
      { routeKey: 'ANY /hooks/{proxy+}', rawPath: '/hooks/one/', queryStringParameters: { secret: 's' } },
    ]);
  });

  test('gives what no route names to $default', async () => {
    answer = () => Promise.resolve({ statusCode: 404, body: 'nothing here' });
    expect(await ask(api.url, '/nowhere')).toMatchObject({ status: 404, text: 'nothing here' });
    expect(events).toMatchObject([{ routeKey: '$default' }]);
  });

  test('answers with the status, headers, cookies and bytes of the function', async () => {
    answer = () =>
      Promise.resolve({
        statusCode: '201',
        headers: { 'X-One': 1 },
        cookies: ['a=1; Secure', 'b=2'],
        body: Buffer.from('höhe').toString('base64'),
        isBase64Encoded: true,
      });
    expect(await ask(api.url, '/v1/things/1')).toMatchObject({
      status: 201,
      text: 'höhe',
      headers: { 'x-one': '1', 'set-cookie': ['a=1; Secure', 'b=2'] },
    });
  });

  test('takes an answer without a status code for the body of a 200', async () => {
    answer = () => Promise.resolve({ fine: true });
    expect(await ask(api.url, '/v1/things/1')).toMatchObject({ status: 200, text: '{"fine":true}' });
  });

  test('answers HEAD with the headers alone', async () => {
    const reply = await ask(api.url, '/v1/things/1', { method: 'HEAD' });
    expect(reply).toMatchObject({ status: 200, text: '', headers: { 'content-length': '2' } });
  });

  test('refuses a body of more than 10 MB before any function sees it', async () => {
    const reply = await ask(api.url, '/hooks/one', { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect(reply).toMatchObject({ status: 413, text: '{"message":"Request Entity Too Large"}' });
    expect(events).toEqual([]);
  });

  test.each([
    ['fails', 500, 'Internal Server Error', () => Promise.reject(new FunctionError('failed', 'secret detail'))],
    ['crashes', 500, 'Internal Server Error', () => Promise.reject(new FunctionError('crashed', 'secret detail'))],
    ['answers nonsense', 500, 'Internal Server Error', () => Promise.resolve({ statusCode: 'many' })],
    [
      'answers a header of two lines',
      500,
      'Internal Server Error',
      () => Promise.resolve({ statusCode: 200, headers: { a: '1\n2' } }),
    ],
    ['runs out of time', 503, 'Service Unavailable', () => Promise.reject(new FunctionError('timed_out', 'secret detail'))],
    ['is handed too much', 413, 'Request Entity Too Large', () => Promise.reject(new FunctionError('request_too_large', ''))],
    ['never answers', 503, 'Service Unavailable', () => new Promise(() => undefined)],
  ] satisfies [string, number, string, Answer][])('says so when the function %s', async (_what, status, message, given) => {
    answer = given;
    expect(await ask(api.url, '/v1/things/1')).toMatchObject({ status, text: JSON.stringify({ message }) });
  });

  test('answers 503 until it is opened', async () => {
    const closed = await startHttpApi(0);
    const close = closesWithTest(closed.close);
    expect((await ask(closed.url, '/v1/things/1')).status).toBe(503);
    await close();
  });

  test('logs the route, and neither the path nor the query', async () => {
    await ask(api.url, '/v1/things/ann%40example.test?secret=hidden');
    const lines = readFileSync(accessLog, 'utf8').trimEnd().split('\n');
    const last: unknown = JSON.parse(lines.at(-1) ?? '');
    expect(last).toMatchObject({ method: 'GET', routeKey: 'ANY /v1/things/{id}', status: 200 });
    expect(lines.join('\n')).not.toMatch(/ann|hidden|things\/[^{]/);
  });
});
