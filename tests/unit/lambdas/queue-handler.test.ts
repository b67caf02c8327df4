import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { queueHandler } from '../../../lambdas/shared/queue-handler.ts';
import { QUEUES } from '../../../src/contract/manifest.ts';
import { AppError } from '../../../src/core/shared/app-error.ts';
import type { LetterFacts } from '../../../src/core/sync/dead-letter.ts';
import { syncMessageSchema, type SyncMessage } from '../../../src/core/sync/queue-messages.ts';
import { TENANT } from '../../support/factories.ts';
import { aContext } from '../../support/http-event.ts';
import { aMessage, RUN_ID } from '../../support/open-syncs.ts';
import { aRecord } from '../../support/sqs-record.ts';

const LAST = QUEUES.sync.maxReceiveCount;
const BODY = JSON.stringify(aMessage());
const HANDLED = { batchItemFailures: [] };
const FAILED = { batchItemFailures: [{ itemIdentifier: 'message-1' }] };

describe('the handler of a queue', () => {
  let printed = '';
  beforeAll(() => {
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  });
  afterAll(() => {
    jest.restoreAllMocks();
  });
  beforeEach(() => {
    printed = '';
  });

  /** What it answers and does for one message whose work ends in an error. */
  async function handle(given: { body?: string; receives?: number; error?: Error; away?: boolean; giveUpFails?: boolean }) {
    const { body = BODY, receives = LAST, error, away, giveUpFails } = given;
    const sent: { body: string; facts: LetterFacts }[] = [];
    const givenUp: SyncMessage[] = [];
    const worked: SyncMessage[] = [];
    const handler = queueHandler(
      'sync',
      syncMessageSchema,
      (message) => {
        worked.push(message);
        return error ? Promise.reject(error) : Promise.resolve();
      },
      {
        giveUp: (message) => {
          givenUp.push(message);
          return giveUpFails ? Promise.reject(new Error('The table is away.')) : Promise.resolve();
        },
        deadLetters: () => ({
          send: (letter, facts) => {
            if (away) return Promise.reject(new AppError('service_unavailable', 'A store did not answer.'));
            sent.push({ body: letter, facts });
            return Promise.resolve();
          },
        }),
      },
    );
    const answer: unknown = await handler({ Records: [aRecord(body, receives)] }, aContext);
    return { answer, sent, givenUp, worked };
  }
  const bug = () => new TypeError('Cannot read ada@acme.test, token 0123456789abcdef-us21');

  it('has no dead letter of a message that is done', async () => {
    expect(await handle({})).toMatchObject({ answer: HANDLED, sent: [], givenUp: [], worked: [aMessage()] });
  });

  it('gives a message that fails back, until it was received as often as its queue allows', async () => {
    expect(await handle({ error: bug(), receives: LAST - 1 })).toMatchObject({ answer: FAILED, sent: [], givenUp: [] });
  });

  it('puts it with the dead letters on its last receive, unchanged, and has it forgotten by the queue', async () => {
    const { answer, sent, givenUp } = await handle({ error: bug() });
    expect([answer, givenUp]).toEqual([HANDLED, [aMessage()]]);
    expect(sent).toEqual([
      {
        body: BODY,
        facts: {
          tenantId: TENANT,
          task: 'audiences',
          runId: RUN_ID,
          reason: expect.stringMatching(/^TypeError at .*queue-handler\.test\.ts:\d+:\d+\)?$/),
          failedAt: expect.stringMatching(/^\d{4}-.*Z$/),
          receives: LAST,
          messageId: 'message-1',
        },
      },
    ]);
  });

  it('tells nothing of the message of an error, in the letter or in the log', async () => {
    const { sent } = await handle({ error: bug() });
    const told = JSON.stringify(sent.map(({ facts }) => facts)) + printed;
    expect(told).toContain('TypeError');
    expect(told).not.toMatch(/acme\.test|us21/);
  });

  it.each([
    ['no JSON', '{"kind":"sync","tenantId"', {}],
    ['of no schema', JSON.stringify({ ...aMessage(), step: 'one' }), { tenantId: TENANT, task: 'audiences', runId: RUN_ID }],
    [
      'with strange ids',
      JSON.stringify({ ...aMessage(), tenantId: 'ada@acme.test', runId: 7, step: null }),
      { task: 'audiences' },
    ],
  ])('does not try again what cannot be read: %s', async (_, body, subject) => {
    const { answer, sent, worked } = await handle({ body, receives: 1 });
    expect([answer, worked]).toEqual([HANDLED, []]);
    expect(sent).toEqual([
      {
        body,
        facts: {
          ...subject,
          reason: expect.stringMatching(/^(SyntaxError|ZodError in )/),
          failedAt: expect.any(String),
          receives: 1,
          messageId: 'message-1',
        },
      },
    ]);
  });

  it.each([
    ['failed for the last time', {}],
    ['cannot be read', { body: 'nothing', receives: 1 }],
  ])('leaves it to the queue when the dead letters cannot be reached, if it %s', async (_, given) => {
    expect(await handle({ error: bug(), away: true, ...given })).toMatchObject({ answer: FAILED, sent: [] });
    expect(printed).toContain('"message.not_dead_lettered"');
  });

  it('keeps the letter when what waits for it cannot be ended', async () => {
    const { answer, sent } = await handle({ error: bug(), giveUpFails: true });
    expect(answer).toEqual(HANDLED);
    expect(sent).toHaveLength(1);
  });

  it('writes lines that lead back to the request, the run and the trace that caused the message', async () => {
    const trace = '1-6745a0c0-0f3c4d5e6f708192a3b4c5d6';
    const record = aRecord(BODY, 1);
    const handler = queueHandler('sync', syncMessageSchema, () =>
      Promise.reject(new AppError('service_unavailable', 'A store did not answer.')),
    );
    await handler(
      {
        Records: [
          {
            ...record,
            attributes: { ...record.attributes, AWSTraceHeader: `Root=${trace};Parent=0123456789abcdef;Sampled=1` },
            messageAttributes: { requestId: { stringValue: 'JKJaXmPLvHcESHA=', dataType: 'String' } },
          },
        ],
      },
      aContext,
    );
    expect(JSON.parse(printed)).toMatchObject({
      event: 'message.failed',
      requestId: 'JKJaXmPLvHcESHA=',
      invocationId: 'invocation-1',
      messageId: 'message-1',
      runId: RUN_ID,
      causeTraceId: trace,
      queue: 'sync',
      fault: 'service_unavailable',
      code: 'service_unavailable',
    });
  });

  it.each([
    ['done', 'done', {}],
    ['failed, and comes again', 'failed', { error: bug(), receives: 1 }],
    ['failed for the last time', 'failed', { error: bug() }],
    ['failed, because it cannot be read', 'failed', { body: 'nothing', receives: 1 }],
  ])('counts a message as %s', async (_, outcome, given) => {
    process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs24.x';
    await handle(given);
    delete process.env['AWS_EXECUTION_ENV'];
    const counted = printed.split('\n').filter((line) => line.includes('"Messages"'));
    expect(counted.map((line): unknown => JSON.parse(line))).toEqual([
      expect.objectContaining({ queue: 'sync', outcome, Messages: 1 }),
    ]);
  });

  it('counts what it gives up', async () => {
    process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs24.x';
    await handle({ error: new TypeError('x') });
    delete process.env['AWS_EXECUTION_ENV'];
    const lines = printed
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toContainEqual(expect.objectContaining({ queue: 'sync', DeadLetters: 1 }));
  });
});
