import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { handler } from '../../../lambdas/webhooks/receive-webhook.ts';
import { FUNCTIONS, WEBHOOK_PATH } from '../../../src/contract/manifest.ts';
import { sha256 } from '../../../src/core/shared/ids.ts';
import { QUARANTINED_A_DAY } from '../../../src/core/webhook/quarantine.ts';
import { findSuppression } from '../../../src/core/suppression/suppress.ts';
import { keys } from '../../../src/storage/keys.ts';
import { makeHookStore } from '../../../src/storage/hook-store.ts';
import { makeAddressHasher } from '../../../src/storage/pepper.ts';
import { makeQuarantineStore } from '../../../src/storage/quarantine-store.ts';
import { makeSuppressionStore } from '../../../src/storage/suppression-store.ts';
import { systemClock, toDate } from '../../../src/core/shared/clock.ts';
import { aHook, TENANT } from '../../support/factories.ts';
import { aContext, anEvent } from '../../support/http-event.ts';
import { openFaultyStore, type Fate, type FaultyStore, type StoreCall } from '../../support/open-faulty-store.ts';
import { signDelivery } from '../../support/sign-delivery.ts';

const KEY = 'mcsig_own';
const HOOK = aHook('own-secret', { signingSecret: KEY });

describe('the function that hears webhooks', () => {
  let store: FaultyStore;
  let people = 0;
  beforeAll(async () => {
    jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
    store = await openFaultyStore();
    await makeHookStore(store.table).put(HOOK);
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await store.close();
  });
  beforeEach(() => {
    store.fate = () => 'fine';
    store.calls.length = 0;
  });

  async function deliver(
    body: string | Buffer,
    change: { secret?: string; id?: string; path?: string; headers?: Record<string, string>; receivedAtMs?: number } = {},
  ) {
    const now = systemClock.now();
    const event = anEvent({ routeKey: `POST ${WEBHOOK_PATH}`, body: '' });
    const answer = await handler(
      {
        ...event,
        rawPath: `${change.path ?? WEBHOOK_PATH}/${change.id ?? HOOK.hookId}/`,
        queryStringParameters: { secret: change.secret ?? 'own-secret' },
        headers: { 'x-mailchimp-signature': signDelivery(KEY, body, now), ...change.headers },
        requestContext: { ...event.requestContext, timeEpoch: change.receivedAtMs ?? now },
        body: Buffer.from(body).toString('base64'),
        isBase64Encoded: true,
      },
      aContext,
    );
    return answer.statusCode;
  }
  const bodyFor = (email: string, data: Record<string, string> = {}): string => {
    const form = new URLSearchParams({ type: 'unsubscribe', fired_at: '2026-09-21 05:59:00', 'data[email]': email });
    for (const [name, value] of Object.entries(data)) form.append(`data[${name}]`, value);
    return form.toString();
  };
  /** The hook of a tenant of its own. */
  const aNeighbour = (index: number) => {
    const tenantId = `${TENANT.slice(0, -1)}${index}`;
    const secret = `secret-of-${index}`;
    const hookId = HOOK.hookId.replace(sha256(TENANT).slice(0, 8), sha256(tenantId).slice(0, 8));
    return { tenantId, secret, hook: { ...HOOK, tenantId, secretHash: sha256(secret), hookId } };
  };
  const newPerson = (): string => `person${++people}@harborlane.test`;
  const stored = (email: string, tenantId = TENANT) =>
    findSuppression(
      {
        suppressions: makeSuppressionStore(store.table),
        hasher: makeAddressHasher(() => Promise.resolve({ pepper: store.pepper })),
      },
      tenantId,
      email,
    );

  /** Passes the time in which nothing happens but waiting. */
  async function hurried(work: () => Promise<number | undefined>) {
    jest.useFakeTimers({
      doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'Date', 'performance', 'hrtime'],
    });
    const pass = async (): Promise<void> => {
      for (let idle = 0; idle < IDLE_TURNS; idle = store.inFlight > 0 ? 0 : idle + 1) await turn();
      await jest.advanceTimersByTimeAsync(50);
    };
    try {
      let end: { status: number | undefined; waitedMs: number } | undefined;
      let waitedMs = 0;
      void work().then((status) => (end = { status, waitedMs }));
      for (; end === undefined && waitedMs < 20_000; waitedMs += 50) await pass();
      // What was given up goes on, and is let end.
      store.fate = () => 'fine';
      for (let more = 0; more < 6_000; more += 50) await pass();
      return end ?? { status: undefined, waitedMs };
    } finally {
      jest.useRealTimers();
    }
  }

  const isHook = ({ key }: StoreCall): boolean => key.startsWith('HOOK#') && key.endsWith(' HOOK');
  const isActivity = ({ key }: StoreCall): boolean => key.startsWith('HOOK#ACTIVITY#');
  const isLive = ({ key }: StoreCall): boolean => key.includes('#SUPPRESSION#LIVE');
  const isPerson = ({ key }: StoreCall): boolean => key.includes('#SUPPRESSION#') && !key.includes('#LIVE');
  const isQuarantine = ({ key }: StoreCall): boolean => key.startsWith('HOOK#QUARANTINE#');
  const CALLS: readonly [name: string, which: (call: StoreCall) => boolean, answer: number][] = [
    ['the read of the hook', isHook, 503],
    ['the read of the person', (call) => isPerson(call) && call.action === 'GetItem', 503],
    ['the write of the person', (call) => isPerson(call) && call.action === 'PutItem', 503],
    ['the count of the campaign', isLive, 200],
    ['the count of the day', isActivity, 200],
  ];

  it('asks the store five times for a departure, and for the pepper once', async () => {
    expect(await deliver(bodyFor(newPerson(), { campaign_id: '9be04d71aa' }))).toBe(200);
    expect(store.calls.map(({ action }) => action).filter((action) => action !== 'GetSecretValue')).toEqual([
      'GetItem',
      'GetItem',
      'PutItem',
      'UpdateItem',
      'UpdateItem',
    ]);
    store.calls.length = 0;
    expect(await deliver(bodyFor('person1@harborlane.test', { campaign_id: '9be04d71aa' }))).toBe(200);
    expect(store.calls.map(({ action }) => action)).toEqual(['GetItem', 'GetItem', 'UpdateItem']);
  });

  it('is not there for another platform, whose path leads here too', async () => {
    expect(await deliver(bodyFor('elsewhere@readers.test'), { path: `${WEBHOOK_PATH}x` })).toBe(404);
    expect(store.calls).toEqual([]);
  });

  it('reads the hook and nothing else when the secret is wrong', async () => {
    expect(await deliver(bodyFor(newPerson()), { secret: 'guessed' })).toBe(404);
    expect(store.calls).toHaveLength(1);
    expect(store.calls[0]).toMatchObject({ action: 'GetItem' });
  });

  it('answers yes only to what is stored, whichever call of the store is in trouble', async () => {
    // Each with a tenant of its own, so that all can wait at once.
    const cases = CALLS.map(([name, which, wanted], index) => {
      const { tenantId, secret, hook } = aNeighbour(index);
      const isOwn = ({ key }: StoreCall): boolean => key.includes(tenantId) || key.includes(hook.secretHash);
      return { name, wanted, secret, hook, email: newPerson(), fails: (call: StoreCall) => isOwn(call) && which(call) };
    });
    for (const { hook } of cases) await makeHookStore(store.table).put(hook);
    const deliverAll = () =>
      Promise.all(
        cases.map(({ secret, hook, email }) =>
          deliver(bodyFor(email, { campaign_id: '9be04d71aa' }), { secret, id: hook.hookId }),
        ),
      );
    store.fate = (call) => (cases.some(({ fails }) => fails(call)) ? 'fail' : 'fine');
    const answers = await deliverAll();
    expect(cases.map(({ name }, index) => [name, answers[index]])).toEqual(cases.map(({ name, wanted }) => [name, wanted]));
    store.fate = () => 'fine';
    for (const { email, hook, wanted } of cases) expect((await stored(email, hook.tenantId)) !== undefined).toBe(wanted === 200);
    // The vendor comes again.
    expect(new Set(await deliverAll())).toEqual(new Set([200]));
    for (const { email, hook } of cases) expect(await stored(email, hook.tenantId)).toMatchObject({ reason: 'unsubscribe' });
  });

  it.each(CALLS)('when one answer of %s is lost stores it once all the same', async (_name, which) => {
    const email = newPerson();
    let lost = 0;
    store.fate = (call): Fate => (which(call) && lost++ === 0 ? 'lost' : 'fine');
    expect(await deliver(bodyFor(email, { campaign_id: '9be04d71aa' }))).toBe(200);
    expect(lost).toBeGreaterThan(0);
    expect(Object.values((await stored(email))?.facts ?? {})).toHaveLength(1);
  });

  it('does not say yes to what it could neither read nor keep', async () => {
    store.fate = (call) => (isQuarantine(call) ? 'fail' : 'fine');
    expect(await deliver('type=unsubscribe')).toBe(503);
    store.fate = () => 'fine';
    expect(await deliver('type=unsubscribe')).toBe(200);
  });

  it.each([
    ['nothing', ''],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28])],
    [
      'an address with a broken byte',
      Buffer.concat([Buffer.from('type=cleaned&data[email]=a'), Buffer.from([0xff]), Buffer.from('@b.test')]),
    ],
    ['NUL bytes', 'type=cleaned&data[email]=a%00@b.test'],
    ['5 MB', Buffer.alloc(5 * 1024 * 1024, 'data[email]=a%40b.test&')],
    ['JSON', '{"type":"unsubscribe","data":{"email":"json@b.test"}}'],
    ['10,000 fields', `type=cleaned&${'a[b]=c&'.repeat(10_000)}`],
    ['a very long address', `type=cleaned&data[email]=${'a'.repeat(10_000)}@b.test`],
    ['names of prototypes', '__proto__[type]=x&constructor=y&type=cleaned&data[__proto__]=z&toString=1'],
    ['a type nobody knows', 'type=brand_new&data[email]=a%40b.test'],
    ['broken escapes', '%E0%A4%A&data%5Bemail=%%%'],
  ])('is not upset by %s', async (_name, body) => {
    expect(await deliver(body)).toBe(200);
    expect(await deliver(body, { headers: { 'content-type': 'application/json' } })).toBe(200);
    const { items } = await makeQuarantineStore(store.table, systemClock).list(TENANT, 'mailchimp', 1_000, null);
    expect(items.some(({ bytes, deliveries }) => bytes === Buffer.byteLength(body) && deliveries === 2)).toBe(true);
  });

  it('refuses what it can neither read nor keep any more that day, and hears departures all the same', async () => {
    const { tenantId, hook } = aNeighbour(9);
    await makeHookStore(store.table).put(hook);
    const to = { secret: 'secret-of-9', id: hook.hookId };
    const today = keys.quarantineDay(tenantId, toDate(systemClock.now()));
    await store.table.update(today, 'ADD kept :most', { ':most': QUARANTINED_A_DAY - 1 });
    expect(await deliver('type=the_last_one', to)).toBe(200);
    expect(await deliver('type=one_too_many', to)).toBe(400);
    expect(await deliver('type=one_too_many', to)).toBe(400);
    const { items } = await makeQuarantineStore(store.table, systemClock).list(tenantId, 'mailchimp', 1_000, null);
    expect(items).toHaveLength(1);
    const email = newPerson();
    expect(await deliver(bodyFor(email).replace('unsubscribe', 'Unsubscribe+'), to)).toBe(200);
    expect(await stored(email, tenantId)).toMatchObject({ reason: 'unsubscribe' });
  });

  it('refuses a right signature of another time, or a receipt without a time', async () => {
    const email = newPerson();
    const now = systemClock.now();
    expect(await deliver(bodyFor(email), { receivedAtMs: now + 302_000 })).toBe(401);
    expect(await deliver(bodyFor(email), { receivedAtMs: NaN })).toBe(401);
    expect(await stored(email)).toBeUndefined();
  });

  it.each([
    ['news of somebody who came', 'type=subscribe&data[email]=a%40b.test'],
    ['somebody forgotten', bodyFor('x@deleted.Forgotten.mailchimp.com')],
  ])('shrugs at %s', async (_name, body) => {
    expect(await deliver(body)).toBe(200);
    expect(store.calls.some(isPerson)).toBe(false);
    expect(store.calls.some(isQuarantine)).toBe(false);
  });

  it('is not poisoned by a time of long ago or to come, nor by a campaign id without end', async () => {
    for (const firedAt of ['0001-01-01 00:00:00', '9999-12-31 23:59:59', '2026-02-30 10:00:00', '-1']) {
      const email = newPerson();
      const before = new Date(systemClock.now()).toISOString();
      expect(
        await deliver(bodyFor(email, { campaign_id: 'x'.repeat(500_000) }).replace(/fired_at=[^&]*/, `fired_at=${firedAt}`)),
      ).toBe(200);
      const since = (await stored(email))?.since ?? '';
      expect(firedAt.startsWith('2026') || since >= before).toBe(true);
      expect(since < '2100').toBe(true);
    }
  });

  it.each(CALLS.filter(([, , wanted]) => wanted === 503))(
    'answers 503 in time when the store says nothing at all to %s',
    async (_name, which) => {
      const email = newPerson();
      let tries = 0;
      store.fate = (call) => (which(call) ? (tries++, 'hang') : 'fine');
      const { status, waitedMs } = await hurried(() => deliver(bodyFor(email)));
      expect(status).toBe(503);
      expect(waitedMs).toBeGreaterThan(5_000);
      // A try that is not answered is given up for another one.
      expect(tries).toBeGreaterThan(1);
      expect(waitedMs).toBeLessThan(FUNCTIONS.webhook.timeoutSeconds * 1_000 - 1_000);
    },
  );
});

/** Turns of the event loop without anything under way, after which the next timer may be due. */
const IDLE_TURNS = 10;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
