import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import * as z from 'zod';
import { handler } from '../../../lambdas/webhooks/receive-webhook.ts';
import { WEBHOOK_PATH } from '../../../src/contract/manifest.ts';
import { makeHookStore } from '../../../src/storage/hook-store.ts';
import { aHook } from '../../support/factories.ts';
import { aContext, anEvent } from '../../support/http-event.ts';
import { openFaultyStore, type FaultyStore } from '../../support/open-faulty-store.ts';

const HOOK = aHook('own-secret', { signingSecret: null });
const FIRST = '1-6745a0c0-0f3c4d5e6f708192a3b4c5d6';
const SECOND = '1-6745a0c1-0f3c4d5e6f708192a3b4c5d6';

let store: FaultyStore;
let lines: string[] = [];
beforeAll(async () => {
  store = await openFaultyStore();
  await makeHookStore(store.table).put(HOOK);
});
afterAll(() => store.close());
beforeEach(() => {
  lines = [];
  process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs24.x';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  delete process.env['AWS_EXECUTION_ENV'];
  delete process.env['_X_AMZN_TRACE_ID'];
});

const line = z.looseObject({
  event: z.string().optional(),
  verdict: z.string().optional(),
  WebhookDeliveries: z.number().optional(),
});
const told = () => lines.map((text) => line.parse(JSON.parse(text)));

function deliver(requestId: string, traceId: string) {
  process.env['_X_AMZN_TRACE_ID'] = `Root=${traceId};Parent=0123456789abcdef;Sampled=0`;
  const event = anEvent({ routeKey: `POST ${WEBHOOK_PATH}` });
  return handler(
    {
      ...event,
      rawPath: `${WEBHOOK_PATH}/${HOOK.hookId}/`,
      queryStringParameters: { secret: 'own-secret' },
      requestContext: { ...event.requestContext, requestId },
      body: 'type=unsubscribe&fired_at=2026-09-21 05:59:00&data[email]=mona@harborlane.test',
    },
    aContext,
  );
}
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
};

it('a delivery that ends after its answer is counted once, as late, and its lines keep its own trace', async () => {
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'Date', 'performance', 'hrtime'],
  });
  store.fate = () => 'hang';
  let status: number | undefined;
  void deliver('late', FIRST).then((answer) => (status = answer.statusCode));
  while (status === undefined) {
    await turns();
    await jest.advanceTimersByTimeAsync(500);
  }
  expect(status).toBe(503);
  // The next one comes, and what the first one left behind fails meanwhile.
  store.fate = ({ key }) => (key.startsWith('HOOK#') ? 'fail' : 'fine');
  let next: number | undefined;
  void deliver('next', SECOND).then((answer) => (next = answer.statusCode));
  const failures = () => told().filter(({ event }) => event === 'webhook.failed');
  while (next === undefined || failures().length < 2) {
    await turns();
    await jest.advanceTimersByTimeAsync(500);
  }
  // Whatever else was held would leave with this one.
  store.fate = () => 'fine';
  jest.useRealTimers();
  await deliver('last', SECOND);

  const counts = told().flatMap(({ verdict, WebhookDeliveries }) => (verdict ? [[verdict, WebhookDeliveries]] : []));
  expect(counts).toEqual([
    ['late', 1],
    ['failed', 1],
    ['ok', 1],
  ]);
  expect(new Set(failures().map(({ requestId, traceId }) => `${String(requestId)} ${String(traceId)}`))).toEqual(
    new Set([`late ${FIRST}`, `next ${SECOND}`]),
  );
});
