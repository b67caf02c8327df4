import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { newHookId } from '../../../src/core/webhook/hook-id.ts';
import { newId } from '../../../src/core/shared/ids.ts';
import { ERROR_CODES } from '../../../src/core/shared/errors.ts';
import { LOG_EVENTS } from '../../../src/core/shared/log-events.ts';
import { LOG_FIELDS } from '../../../src/core/shared/log-fields.ts';
import { keepListed } from '../../../src/core/shared/log-line.ts';
import { failureReason } from '../../../src/core/shared/failure-reason.ts';
import { derivedUlid, runIdOf } from '../../../src/core/sync/sync-run.ts';
import { ROUTE_IDS, ROUTES } from '../../../src/contract/routes.ts';
import { runInvocation } from '../../../src/runtime/invocation.ts';
import { log } from '../../../src/runtime/logger.ts';

const NOW = Date.parse('2026-11-23T04:00:00.000Z');
let lines: string[] = [];
beforeEach(() => {
  lines = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
});
afterEach(() => {
  jest.restoreAllMocks();
  delete process.env['_X_AMZN_TRACE_ID'];
});
const parsed = (): unknown => JSON.parse(lines.at(-1) ?? '');

/** What callers would have to do to get around the types: hand over anything. */
const hostile = (event: string, fields: object): void => {
  const write: unknown = log.info;
  if (typeof write === 'function') Reflect.apply(write, undefined, [event, fields]);
};

const name = fc.stringMatching(/^[a-z0-9.+_-]{1,20}$/);
const address = fc.tuple(name, fc.constantFrom('@', '＠', '%40'), name).map(([local, at, host]) => `${local}${at}${host}.test`);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));
const secret = fc.oneof(
  // Mailchimp's token, the app's secret, our keys, a person's token, the secret of a webhook, a password of an operator.
  bytes(16).map((b) => `${b.toString('hex')}-us7`),
  bytes(25).map((b) => b.toString('hex')),
  bytes(32).map((b) => `ilx_prod_${b.toString('base64url')}`),
  bytes(48).map((b) => `eyJ${b.toString('base64url')}.${b.toString('base64url')}.${b.toString('base64url')}`),
  bytes(32).map((b) => `Bearer ${b.toString('hex')}`),
);
const telling = fc.oneof(address, secret);
const holding = telling.chain((told) =>
  fc
    .oneof(
      fc.constant<unknown>(told),
      fc.tuple(fc.string(), fc.string()).map(([before, after]): unknown => `${before} ${told} ${after}`),
      fc.constant<unknown>({ email: told }),
      fc.constant<unknown>([told]),
      fc.constant<unknown>(new Error(`No such member: ${told}`)),
      fc.constant<unknown>(`TypeError at ${told} (index.mjs:1:2)`),
      fc.constant<unknown>(`GET /v1/contacts/${told}`),
      fc.constant<unknown>(`ten_${told}`),
    )
    .map((value) => ({ told, value })),
);

describe('a line', () => {
  it('never holds an address, a token or a secret, whatever event, field and value it is called with', () => {
    const events = [...Object.keys(LOG_EVENTS), 'campaign.invented', 'constructor'];
    const fields = [...Object.keys(LOG_FIELDS), 'email', 'token', 'body', '__proto__'];
    fc.assert(
      fc.property(fc.constantFrom(...events), holding, (event, { told, value }) => {
        hostile(event, Object.fromEntries([...fields, told].map((field) => [field, value])));
        expect(lines.at(-1)).not.toContain(told);
        expect(lines.at(-1)).not.toContain(JSON.stringify(told).slice(1, -1));
      }),
      { numRuns: 400 },
    );
  });

  it('never has an event that is not on the list, not even its name', () => {
    hostile('mona@harborlane.test', {});
    expect(parsed()).toMatchObject({ event: 'log.unlisted', droppedFields: 1 });
    expect(lines.join('')).not.toContain('mona');
  });

  it('keeps nothing that belongs to another event', () => {
    hostile('campaign.sent', { tenantId: newId('tenant', NOW), status: 200 });
    expect(parsed()).toMatchObject({ droppedFields: 1 });
    expect(parsed()).not.toHaveProperty('status');
  });

  it('says how many fields were left out, and nothing when none was', () => {
    hostile('webhook.answered', { status: Number.NaN, route: 'POST /marketing-automation/webhooks/mailchimp/{hookId}' });
    expect(parsed()).toMatchObject({ droppedFields: 1 });
    log.info('webhook.answered', { status: 200 });
    expect(parsed()).not.toHaveProperty('droppedFields');
  });
});

describe('what the service really logs', () => {
  const hookId = newHookId(
    { publicBaseUrl: 'https://api.test', deploymentId: '0a1b2c3d4e', webhookPath: '/hooks' },
    newId('tenant', NOW),
    NOW,
  );
  it.each([
    ['an id of a tenant', 'tenantId', newId('tenant', NOW)],
    ['an id of a campaign', 'campaignId', newId('campaign', NOW)],
    ['an id of a webhook', 'hookId', hookId],
    ['an id of a run', 'runId', runIdOf('suppressions', derivedUlid(NOW, 'x'))],
    ['a request id of API Gateway', 'requestId', 'JKJaXmPLvHcESHA='],
    ['an invocation', 'invocationId', '8f5d9a2e-0b1c-4d3e-9f60-7a8b9c0d1e2f'],
    ['a keyed hash', 'addressHash', randomBytes(32).toString('hex')],
    ['a reason', 'reason', failureReason(new TypeError('x is not a function'))],
    ['a field of a delivery', 'field', 'data[email]'],
    ['a time', 'failedAt', new Date(NOW).toISOString()],
    ['a fault of the SDK', 'fault', 'ProvisionedThroughputExceededException'],
  ])('passes whole: %s', (_, field, value) => {
    const event = Object.entries(LOG_EVENTS).find(([, { fields }]) => fields.some((one) => one === field))?.[0] ?? '';
    // The invocation stands on every line and belongs to no event.
    const kept = event === '' ? undefined : keepListed(event, { [field]: value });
    if (field === 'invocationId') {
      runInvocation({ invocationId: value }, () => log.warn('webhook.late'));
      expect(parsed()).toMatchObject({ invocationId: value });
    } else expect(kept).toMatchObject({ fields: { [field]: value }, dropped: 0 });
  });

  it.each(ERROR_CODES)('passes whole: the code %s as a fault', (code) => {
    expect(keepListed('http.answered', { fault: code }).dropped).toBe(0);
  });

  it('has no place for a sentence, a name or a number where the class of an error stands', () => {
    for (const fault of [
      'mona harborlane (0151) 2345678',
      'mona harborlane',
      '01512345678',
      'mona@harborlane.test',
      'f'.repeat(61),
    ])
      expect([fault, keepListed('http.answered', { fault })]).toEqual([
        fault,
        { event: 'http.answered', fields: {}, dropped: 1 },
      ]);
  });

  it.each(ROUTE_IDS)('passes whole: the route key of %s', (id) => {
    const { method, path } = ROUTES[id];
    expect(keepListed('http.answered', { route: `${method} ${path}` }).dropped).toBe(0);
  });
});

describe('lines of one request', () => {
  const TRACE = '1-6745a0c0-0f3c4d5e6f708192a3b4c5d6';
  it('carry its id, that of the invocation, of the run and of the traces', async () => {
    process.env['_X_AMZN_TRACE_ID'] = `Root=${TRACE};Parent=0123456789abcdef;Sampled=1`;
    await runInvocation({ requestId: 'JKJaXmPLvHcESHA=', invocationId: 'inv-1', causeTraceId: TRACE }, async () => {
      await Promise.resolve();
      log.warn('webhook.late');
    });
    expect(parsed()).toMatchObject({
      requestId: 'JKJaXmPLvHcESHA=',
      invocationId: 'inv-1',
      traceId: TRACE,
      causeTraceId: TRACE,
    });
  });

  it('do not mix with those of another that runs at the same time', async () => {
    const one = (requestId: string) =>
      runInvocation({ requestId }, async () => {
        await Promise.resolve();
        log.warn('webhook.late');
      });
    await Promise.all([one('first'), one('second')]);
    expect(lines.map((line) => /"requestId":"(\w+)"/.exec(line)?.[1])).toEqual(['first', 'second']);
  });
});

describe('what is not on the list', () => {
  it('does not compile', () => {
    // @ts-expect-error: an event that is not on the list
    log.info('campaign.invented');
    // @ts-expect-error: a field that the event does not have
    log.info('campaign.sent', { email: 'x' });
    // @ts-expect-error: a text where a number belongs
    log.info('webhook.answered', { status: '200' });
    expect(lines).toHaveLength(3);
  });
});
