import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as z from 'zod';
import { AppError, isAppError } from '../../../../src/core/shared/app-error.ts';
import { to } from '../../../../src/providers/mailchimp/address.ts';
import { clientOf, problem, TOKEN } from '../../../support/open-mailchimp.ts';
import { openStub, type Stub, type StubAnswer } from '../../../support/stub-server.ts';

const anything = z.record(z.string(), z.unknown());
const get = to('ping');
const post = to('createCampaign');
const send = to('sendCampaign', { campaign_id: 'c1' });
let stub: Stub;

beforeEach(async () => {
  stub = await openStub();
  // Without chance the jitter is zero, and nobody waits.
  jest.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await stub.close();
});

/** The first answers; 200 afterwards. */
const firstly = (...answers: StubAnswer[]): void => {
  stub.answer = () => answers.shift() ?? { status: 200, json: { fine: true } };
};

describe('a request', () => {
  it('carries the token, and says where it goes', async () => {
    await clientOf(stub).request(anything, get, { query: { count: 10, fields: undefined } });
    expect(stub.requests).toMatchObject([{ method: 'GET', path: '/3.0/ping', headers: { authorization: `Bearer ${TOKEN}` } }]);
    expect(stub.requests[0]?.query.toString()).toBe('count=10');
  });

  it.each([
    ['429 with JSON', problem(429, 'Too Many Requests')],
    ['429 without a body', { status: 429 }],
    ['403 without JSON', { status: 403, text: '<html>' }],
    ['500', problem(500, 'Internal Server Error')],
    ['a page with 502', { status: 502, text: '<html>Bad gateway' }],
    ['a cut connection', 'cut' as const],
  ])('that only reads is tried again after %s', async (_name, answer) => {
    firstly(answer, answer);
    expect(await clientOf(stub).request(anything, get)).toEqual({ fine: true });
    expect(stub.requests).toHaveLength(3);
  });

  it.each([
    ['429 without a body', { status: 429 }, 'vendor_rate_limited'],
    ['403 without JSON', { status: 403, text: '<html>' }, 'vendor_rate_limited'],
    ['500', problem(500, 'Internal Server Error'), 'vendor_unavailable'],
    ['a page with 502', { status: 502, text: '<html>Bad gateway' }, 'vendor_unavailable'],
    ['a cut connection', 'cut' as const, 'vendor_unavailable'],
  ])('that creates is never repeated after %s', async (_name, answer, code) => {
    firstly(answer);
    await expect(clientOf(stub).request(anything, post)).rejects.toMatchObject({ code });
    expect(stub.requests).toHaveLength(1);
  });

  it('that creates is repeated after a 429 with JSON, which proves that nothing was done', async () => {
    firstly(problem(429, 'Too Many Requests'));
    await clientOf(stub).request(anything, post);
    expect(stub.requests).toHaveLength(2);
  });

  it.each([
    ['404', problem(404, 'Resource Not Found'), 'vendor_rejected'],
    ['400', problem(400, 'Invalid Resource'), 'vendor_rejected'],
    ['403 with JSON', problem(403, 'Forbidden'), 'plan_lacks_feature'],
    ['a disabled account', problem(403, 'User Disabled'), 'account_disabled'],
  ])('is not repeated after %s', async (_name, answer, code) => {
    firstly(answer);
    await expect(clientOf(stub).request(anything, get)).rejects.toMatchObject({ code });
    expect(stub.requests).toHaveLength(1);
  });

  it('gives up after a few tries, and after its time', async () => {
    stub.answer = () => problem(500, 'Internal Server Error');
    await expect(clientOf(stub).request(anything, get)).rejects.toMatchObject({ code: 'vendor_unavailable' });
    expect(stub.requests.length).toBeLessThanOrEqual(6);
    const { length } = stub.requests;
    await expect(clientOf(stub, { retryWithinMs: 0 }).request(anything, get)).rejects.toMatchObject({
      code: 'vendor_unavailable',
    });
    expect(stub.requests).toHaveLength(length + 1);
  });

  it('takes a page with 200 for a fault, not for an answer', async () => {
    stub.answer = () => ({ status: 200, text: '<html>We are down for maintenance' });
    await expect(clientOf(stub).request(anything, get)).rejects.toMatchObject({ code: 'vendor_unavailable' });
  });

  it('does not take a page with 200 for a deed', async () => {
    stub.answer = () => ({ status: 200, text: '<html>We are down for maintenance' });
    const erase = clientOf(stub).command(to('eraseMember', { list_id: 'l', subscriber_hash: 'm' }));
    await expect(erase).rejects.toMatchObject({ code: 'vendor_unavailable' });
  });

  it('does not follow a redirect, which could carry the token away', async () => {
    const elsewhere = await openStub();
    stub.answer = () => ({ status: 302, headers: { location: elsewhere.url } });
    await expect(clientOf(stub, { retryWithinMs: 0 }).request(anything, get)).rejects.toMatchObject({
      code: 'vendor_unavailable',
    });
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });

  it('ends at its time-out', async () => {
    stub.answer = () => 'hang';
    const hung = clientOf(stub, { timeoutMs: 50, retryWithinMs: 0 }).request(anything, get);
    await expect(hung).rejects.toMatchObject({ code: 'vendor_unavailable', extras: { vendor: { status: null } } });
  });

  it('keeps the token out of its errors', async () => {
    stub.answer = () => 'cut';
    const error: unknown = await clientOf(stub, { retryWithinMs: 0 })
      .request(anything, get)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(JSON.stringify(error) + String(error) + JSON.stringify(Object.values(error ?? {}))).not.toContain(TOKEN);
  });

  it('has at most the allowed number of calls in flight', async () => {
    stub.answer = () => new Promise((resolve) => setImmediate(() => resolve({ status: 200, json: {} })));
    const client = clientOf(stub, { maxInFlight: 3 });
    await Promise.all(Array.from({ length: 30 }, () => client.request(anything, get)));
    expect(stub.requests).toHaveLength(30);
    expect(stub.mostInFlight()).toBeLessThanOrEqual(3);
  });
});

describe('a refused token', () => {
  const refused = problem(401, 'API Key Invalid');

  it('is dead when the metadata says so', async () => {
    stub.answer = () => refused;
    const confirmToken = () => Promise.reject(new AppError('invalid_token', 'Dead.'));
    await expect(clientOf(stub, { confirmToken }).request(anything, get)).rejects.toMatchObject({ code: 'invalid_token' });
    expect(stub.requests).toHaveLength(1);
  });

  it('leads to the new host when the account moved, once and for all', async () => {
    const elsewhere = await openStub();
    stub.answer = () => refused;
    const moved: string[] = [];
    const client = clientOf(stub, {
      confirmToken: () => Promise.resolve(elsewhere.url),
      onEndpointMoved: (url) => Promise.resolve(void moved.push(url)),
    });
    await client.request(anything, get);
    await client.request(anything, get);
    expect(moved).toEqual([elsewhere.url]);
    expect([stub.requests.length, elsewhere.requests.length]).toEqual([1, 2]);
    await elsewhere.close();
  });

  it('is an anomaly when the metadata names the same host', async () => {
    stub.answer = () => refused;
    await expect(clientOf(stub).request(anything, get)).rejects.toMatchObject({ code: 'api_endpoint_error' });
    expect(stub.requests).toHaveLength(1);
  });

  it('is confirmed once for all calls of a task, those in flight and later ones, and dropped from memory', async () => {
    stub.answer = () => refused;
    let [probes, drops] = [0, 0];
    const confirmToken = async () => {
      probes++;
      await Promise.resolve();
      throw new AppError('invalid_token', 'Dead.');
    };
    const client = clientOf(stub, {
      confirmToken,
      onRefused: () => {
        drops++;
      },
    });
    const calls = await Promise.allSettled(Array.from({ length: 6 }, () => client.request(anything, get)));
    calls.push(...(await Promise.allSettled([client.request(anything, get)])));
    expect(calls.map((call) => call.status === 'rejected' && isAppError(call.reason, 'invalid_token'))).toEqual(
      Array.from({ length: 7 }, () => true),
    );
    expect(probes).toBe(1);
    expect(drops).toBeGreaterThan(0);
  });

  it('is confirmed again when nobody could tell', async () => {
    stub.answer = () => refused;
    let probes = 0;
    const confirmToken = () => {
      probes++;
      return Promise.reject(new AppError('vendor_unavailable', 'Silent.'));
    };
    const client = clientOf(stub, { confirmToken, retryWithinMs: 0 });
    for (let call = 0; call < 2; call++)
      await expect(client.request(anything, get)).rejects.toMatchObject({ code: 'vendor_unavailable' });
    expect(probes).toBe(2);
  });

  it('is an anomaly when the new host refuses it as well', async () => {
    const elsewhere = await openStub(() => refused);
    stub.answer = () => refused;
    const client = clientOf(stub, { confirmToken: () => Promise.resolve(elsewhere.url) });
    await expect(client.request(anything, get)).rejects.toMatchObject({ code: 'api_endpoint_error' });
    expect(elsewhere.requests).toHaveLength(1);
    await elsewhere.close();
  });
});

describe('once', () => {
  it.each([problem(429, 'Too Many Requests'), problem(500, 'x'), { status: 502, text: '<html>' }])(
    'returns %j and never repeats',
    async (answer) => {
      firstly(answer);
      const { status } = await clientOf(stub).once(send);
      expect(status).toBe(typeof answer === 'object' ? answer.status : 0);
      expect(stub.requests).toHaveLength(1);
    },
  );

  it.each(['hang', 'cut'] as const)('throws when the answer is lost (%s), and never repeats', async (answer) => {
    firstly(answer);
    await expect(clientOf(stub).once(send, { timeoutMs: 500 })).rejects.toMatchObject({ code: 'vendor_unavailable' });
    expect(stub.requests).toHaveLength(1);
  });

  it('has a connection of its own, because a kept one may be closed by now', async () => {
    const ports: (number | undefined)[] = [];
    const server = createServer(({ socket }, response) => {
      ports.push(socket.remotePort);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const client = clientOf(stub, { baseUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` });
    await client.request(anything, get);
    await client.request(anything, get);
    await client.once(send);
    await client.once(send);
    server.close();
    server.closeAllConnections();
    expect(ports[1]).toBe(ports[0]);
    expect(new Set(ports).size).toBe(3);
  });
});
