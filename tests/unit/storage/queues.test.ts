import { beforeEach, describe, expect, it } from '@jest/globals';
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { makeDeadLetterQueue, makeFollowupQueue, makeSyncQueue } from '../../../src/storage/queues.ts';
import { aMessage } from '../../support/open-syncs.ts';

const sqs = mockClient(SQSClient);
const client = new SQSClient({ region: 'eu-central-1' });
const waits: number[] = [];
const queue = makeSyncQueue(client, 'https://sqs.test/sync.fifo', (ms) => {
  waits.push(ms);
  return Promise.resolve();
});
const batches = () => sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input.Entries ?? []);
const failed = (...ids: string[]) => ids.map((Id) => ({ Id, Code: 'InternalError', SenderFault: false }));

beforeEach(() => {
  sqs.reset();
  waits.length = 0;
  sqs.on(SendMessageBatchCommand).resolves({});
});

describe('the sync queue', () => {
  it("puts a message into the group of the vendor's user", async () => {
    await queue.send([aMessage()]);
    expect(batches()).toMatchObject([[{ MessageGroupId: 'mailchimp-309914207', MessageBody: JSON.stringify(aMessage()) }]]);
  });

  it('deduplicates by tenant, run and step', async () => {
    const messages = [
      aMessage(),
      aMessage(),
      aMessage({ step: 1 }),
      aMessage({ tenantId: 'ten_2' }),
      aMessage({ runId: 'other' }),
    ];
    await queue.send(messages);
    const ids = batches()
      .flat()
      .map(({ MessageDeduplicationId }) => MessageDeduplicationId ?? '');
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(4);
    expect(ids.every((id) => /^[0-9a-f]{64}$/.test(id))).toBe(true);
  });

  it('sends ten to a call', async () => {
    await queue.send(Array.from({ length: 25 }, (_, index) => aMessage({ tenantId: `ten_${index}` })));
    expect(batches().map(({ length }) => length)).toEqual([10, 10, 5]);
    await queue.send([]);
    expect(batches()).toHaveLength(3);
  });

  it('sends again what was not taken, and only that', async () => {
    sqs
      .on(SendMessageBatchCommand)
      .resolvesOnce({ Failed: failed('1') })
      .resolves({});
    await queue.send([aMessage({ tenantId: 'ten_0' }), aMessage({ tenantId: 'ten_1' }), aMessage({ tenantId: 'ten_2' })]);
    expect(batches().map((entries) => entries.map(({ Id }) => Id))).toEqual([['0', '1', '2'], ['1']]);
  });

  it('fails when a message is not taken in the end', async () => {
    sqs.on(SendMessageBatchCommand).resolves({ Failed: failed('0') });
    await expect(queue.send([aMessage()])).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(batches()).toHaveLength(5);
  });

  it('waits longer before each repetition, up to 1.5 s in all, and never as long as another time', async () => {
    sqs.on(SendMessageBatchCommand).resolves({ Failed: failed('0') });
    for (let round = 0; round < 50; round++) await expect(queue.send([aMessage()])).rejects.toThrow();
    expect(waits.every((ms, index) => ms >= 0 && ms <= 100 * 2 ** (index % 4))).toBe(true);
    expect(new Set(waits).size).toBeGreaterThan(190);
    expect(Math.max(...waits)).toBeGreaterThan(400);
  });

  it('does not repeat what is wrong in itself, and sends the others first', async () => {
    sqs
      .on(SendMessageBatchCommand)
      .resolvesOnce({ Failed: [{ Id: '0', Code: 'InvalidParameterValue', SenderFault: true }, ...failed('1')] })
      .resolves({});
    const sent = queue.send([aMessage({ tenantId: 'ten_0' }), aMessage({ tenantId: 'ten_1' }), aMessage({ tenantId: 'ten_2' })]);
    await expect(sent).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(batches().map((entries) => entries.map(({ Id }) => Id))).toEqual([['0', '1', '2'], ['1']]);
  });

  it('has eight requests in flight, and begins none after one has failed', async () => {
    const messages = Array.from({ length: 400 }, (_, index) => aMessage({ tenantId: `ten_${index}` }));
    let [inFlight, most] = [0, 0];
    sqs.on(SendMessageBatchCommand).callsFake(async () => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
      return {};
    });
    await queue.send(messages);
    expect([most, inFlight]).toEqual([8, 0]);
    sqs.reset();
    sqs.on(SendMessageBatchCommand).rejects(new Error('A bug.'));
    await expect(queue.send(messages)).rejects.toThrow('A bug.');
    expect(batches().length).toBeLessThanOrEqual(8);
  });
});

describe('the followups queue', () => {
  it.each([
    [0, 0],
    [1.4, 1],
    [900, 900],
    [901, 900],
    [-5, 0],
  ])('delays by %d s as %i', async (seconds, wanted) => {
    sqs.on(SendMessageCommand).resolves({});
    await makeFollowupQueue(client, 'https://sqs.test/followups').send(aMessage(), seconds);
    expect(sqs.commandCalls(SendMessageCommand)[0]?.args[0].input).toMatchObject({
      DelaySeconds: wanted,
      MessageBody: JSON.stringify(aMessage()),
    });
  });
});

describe('the dead letters', () => {
  const facts = {
    tenantId: 'ten_1',
    task: 'metrics',
    runId: undefined,
    reason: 'TypeError at f (index.mjs:1:2)',
    failedAt: '2026-03-01T04:00:00.000Z',
    receives: 3,
    messageId: 'message-1',
  };
  const input = () => sqs.commandCalls(SendMessageCommand)[0]?.args[0].input;
  beforeEach(() => {
    sqs.on(SendMessageCommand).resolves({});
  });

  it('keep a body as it came, and what is known of it as attributes', async () => {
    await makeDeadLetterQueue(client, 'https://sqs.test/dead', false).send('{ "as": "it came" }', facts);
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    expect(input()).toEqual({
      QueueUrl: 'https://sqs.test/dead',
      MessageBody: '{ "as": "it came" }',
      MessageAttributes: {
        tenantId: text('ten_1'),
        task: text('metrics'),
        reason: text(facts.reason),
        failedAt: text(facts.failedAt),
        messageId: text('message-1'),
        receives: { DataType: 'Number', StringValue: '3' },
      },
    });
  });

  it('of a FIFO queue lock none away: each has a group of its own', async () => {
    await makeDeadLetterQueue(client, 'https://sqs.test/dead.fifo', true).send('{}', facts);
    expect(input()).toMatchObject({ MessageGroupId: 'message-1', MessageDeduplicationId: 'message-1' });
  });

  it('fail when the queue does not take one', async () => {
    sqs.on(SendMessageCommand).rejects(Object.assign(new Error('busy'), { name: 'ThrottlingException' }));
    const sent = makeDeadLetterQueue(client, 'https://sqs.test/dead', false).send('{}', facts);
    await expect(sent).rejects.toMatchObject({ code: 'service_unavailable' });
  });
});
