import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auditNotes } from '../../../lambdas/shared/audit-notes.ts';
import { idempotently } from '../../../lambdas/shared/idempotently.ts';
import type { Call } from '../../../lambdas/shared/route-handler.ts';
import { SECURITY_HEADERS } from '../../../lambdas/shared/security-headers.ts';
import { ROUTES } from '../../../src/contract/routes.ts';
import { AppError, isAppError } from '../../../src/core/shared/app-error.ts';
import { HOUR, MINUTE } from '../../../src/core/shared/clock.ts';
import { sha256 } from '../../../src/core/shared/ids.ts';
import { HTTP_STATUS } from '../../../src/runtime/http-status.ts';
import { makeAnswerSeal } from '../../../src/storage/answer-seal.ts';
import { makeIdempotencyStore } from '../../../src/storage/idempotency-store.ts';
import { newTenantId } from '../../storage/new-tenant-id.ts';
import { anEvent } from '../../support/http-event.ts';
import { openTableInMemory, type OpenedTable } from '../../support/open-table.ts';
import { testClock } from '../../support/test-clock.ts';

type Work = Parameters<typeof idempotently>[3];
const statusOf = (error: unknown): number => (isAppError(error) ? HTTP_STATUS[error.code] : 500);

describe('a request with an Idempotency-Key', () => {
  let opened: OpenedTable;
  beforeAll(async () => {
    opened = await openTableInMemory();
  });
  afterAll(() => opened.close());

  function open() {
    const clock = testClock();
    const tenantId = newTenantId();
    const deps = {
      idempotency: makeIdempotencyStore(
        opened.table,
        clock,
        makeAnswerSeal(() => Promise.resolve({ pepper: 'p'.repeat(32) })),
      ),
    };
    const send = (work: Work, { key = 'loaf-1', body = { n: 1 } }: { key?: string; body?: unknown } = {}) => {
      const event = anEvent({ routeKey: 'POST /v1/campaigns', body, headers: { 'idempotency-key': key } });
      const call: Call = {
        event,
        caller: { tenantId, role: 'owner', actor: 'key_1', actorKind: 'key', actorName: 'Shop' },
        requestId: 'request-1',
        receivedAtMs: clock.now(),
        operation: null,
        audit: auditNotes(),
      };
      return idempotently(deps, ROUTES.createCampaign, call, work, (error) => ({ statusCode: statusOf(error), body: 'problem' }));
    };
    return { clock, send, tenantId };
  }
  const answer =
    (body: string, statusCode = 201): Work =>
    () =>
      Promise.resolve({ statusCode, body });
  const fail =
    (error: Error): Work =>
    () =>
      Promise.reject(error);
  const silence = new AppError('vendor_unavailable', 'No answer.');

  it('has the same answer for 24 hours, and is done once', async () => {
    const { clock, send } = open();
    expect(await send(answer('first'))).toMatchObject({ statusCode: 201, body: 'first' });
    clock.advance(24 * HOUR - MINUTE);
    expect(await send(answer('second'))).toMatchObject({
      statusCode: 201,
      body: 'first',
      headers: { ...SECURITY_HEADERS, 'content-type': 'application/json; charset=utf-8', 'idempotent-replay': 'true' },
    });
    clock.advance(2 * MINUTE);
    expect(await send(answer('third'))).toMatchObject({ body: 'third' });
  });

  it('is refused with another body, and while the first is in flight', async () => {
    const { clock, send } = open();
    let release = (): void => undefined;
    const first = send(() => new Promise((resolve) => (release = () => resolve({ statusCode: 201, body: 'first' }))));
    await expect(send(answer('x'))).rejects.toMatchObject({ code: 'idempotency_key_in_flight' });
    await expect(send(answer('x'), { body: { n: 2 } })).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    // Its process died: after the lease somebody else goes on with the same operation.
    clock.advance(MINUTE + 1);
    const seen: unknown[] = [];
    await send((operation) => {
      seen.push(operation?.isRepeat);
      return Promise.resolve({ statusCode: 201, body: 'again' });
    });
    expect(seen).toEqual([true]);
    release();
    await first;
  });

  it('may try again after a fault, with the same operation', async () => {
    const { send } = open();
    const ulids: (string | undefined)[] = [];
    const failing: Work = (operation) => {
      ulids.push(operation?.ulid);
      return Promise.reject(silence);
    };
    await expect(send(failing)).rejects.toBe(silence);
    await expect(send(failing)).rejects.toBe(silence);
    expect(await send(answer('at last'))).toMatchObject({ body: 'at last' });
    expect(new Set(ulids).size).toBe(1);
  });

  it('is not used up by a request that was not understood', async () => {
    const { send } = open();
    const mistake = new AppError('invalid_input', 'The subject is missing.');
    await expect(send(fail(mistake))).rejects.toBe(mistake);
    expect(await send(answer('mended'), { body: { n: 2 } })).toMatchObject({ statusCode: 201, body: 'mended' });
    await expect(send(answer('x'))).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });

  it('keeps a refusal, and a fault behind which it may have happened: neither is done again', async () => {
    for (const error of [
      new AppError('list_not_found', 'Gone.'),
      new AppError('vendor_unavailable', 'No answer.', { mayHaveHappened: true }),
    ]) {
      const { send } = open();
      await expect(send(fail(error))).rejects.toBe(error);
      expect(await send(answer('second'))).toMatchObject({
        statusCode: HTTP_STATUS[error.code],
        body: 'problem',
        headers: { ...SECURITY_HEADERS, 'content-type': 'application/problem+json; charset=utf-8', 'idempotent-replay': 'true' },
      });
    }
  });

  it('leaves nothing to read in the table of what was asked and answered, and is answered all the same', async () => {
    const { send, tenantId } = open();
    const body = { email: 'ada@private.test', reason: 'Ada phoned' };
    const told = JSON.stringify({ email: 'ada@private.test', sources: ['Ada phoned'] });
    await send(answer(told), { key: 'suppress-ada@private.test', body });
    const items = await opened.table.all(tenantId, 'IDEMPOTENCY#');
    expect(items).toHaveLength(1);
    const text = JSON.stringify(items);
    const guesses = [body.email, 'Ada', 'suppress-ada@private.test', told].flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      sha256(secret),
    ]);
    expect(guesses.filter((guess) => text.includes(guess))).toEqual([]);
    expect(await send(answer('x'), { key: 'suppress-ada@private.test', body })).toMatchObject({ statusCode: 201, body: told });
  });
});
