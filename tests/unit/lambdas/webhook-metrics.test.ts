import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import { handler } from '../../../lambdas/webhooks/receive-webhook.ts';
import { WEBHOOK_PATH } from '../../../src/contract/manifest.ts';
import { sha256 } from '../../../src/core/shared/ids.ts';
import { makeHookStore } from '../../../src/storage/hook-store.ts';
import { aHook } from '../../support/factories.ts';
import { aContext, anEvent } from '../../support/http-event.ts';
import { openFaultyStore, type Fate, type FaultyStore } from '../../support/open-faulty-store.ts';

let store: FaultyStore;
let hookId = '';
let printed = '';
beforeAll(async () => {
  store = await openFaultyStore();
  const hook = aHook('own-secret', { signingSecret: null });
  const own = { ...hook, secretHash: sha256('own-secret') };
  hookId = own.hookId;
  await makeHookStore(store.table).put(own);
});
afterAll(() => store.close());
beforeEach(() => {
  printed = '';
  process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs24.x';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  delete process.env['AWS_EXECUTION_ENV'];
  jest.restoreAllMocks();
});

it.each<[verdict: string, fate: Fate, secret: string]>([
  ['ok', 'fine', 'own-secret'],
  ['unknown', 'fine', 'no-secret'],
  ['failed', 'fail', 'own-secret'],
])('a delivery that ends as %s is counted so', async (verdict, fate, secret) => {
  store.fate = () => fate;
  await handler(
    {
      ...anEvent({ routeKey: `POST ${WEBHOOK_PATH}` }),
      rawPath: `${WEBHOOK_PATH}/${hookId}/`,
      queryStringParameters: { secret },
      body: 'type=unsubscribe&fired_at=2026-09-21 05:59:00&data[email]=mona@harborlane.test',
    },
    aContext,
  );
  if (fate === 'fail') {
    const failed = printed.split('\n').find((line) => line.includes('webhook.failed')) ?? '';
    expect(JSON.parse(failed)).toMatchObject({
      hookId,
      code: expect.any(String),
      fault: expect.any(String),
      where: expect.any(String),
    });
  }
  expect(printed).toContain(`"verdict":"${verdict}","WebhookDeliveries":1`);
  expect(printed).not.toContain('mona');
});
