import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { DecryptCommand } from '@aws-sdk/client-kms';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { ENDPOINTS } from '../../../src/providers/mailchimp/endpoints.ts';
import { watched } from '../../../src/providers/mailchimp/watch-call.ts';
import { traced } from '../../../src/runtime/segment.ts';
import { makeDocumentClient } from '../../../src/storage/document-client.ts';
import { makeKmsClient } from '../../../src/storage/envelope-token-place.ts';
import { makeFollowupQueue, makeQueueClient } from '../../../src/storage/queues.ts';
import { makeSecretsClient } from '../../../src/storage/secrets.ts';
import { runInvocation } from '../../../src/runtime/invocation.ts';
import { startStub, type Stub } from '../../support/stub-aws.ts';

const TRACE = '1-6745a0c0-0f3c4d5e6f708192a3b4c5d6';
const PARENT = '0123456789abcdef';
const EMAIL = 'mona@harborlane.test';
const TOKEN = '0a1b2c3d4e5f60718293a4b5c6d7e8f9-us7';

let daemon: Socket;
let stub: Stub;
let told: string[] = [];
const env = process.env;

beforeAll(async () => {
  daemon = createSocket('udp4').on('message', (packet) => void told.push(packet.toString('utf8')));
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
  stub = await startStub();
});
afterAll(async () => {
  daemon.close();
  await stub.close();
});
beforeEach(() => {
  told = [];
  stub.requests.length = 0;
  stub.answer = undefined;
  process.env = {
    ...env,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: stub.url,
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${String(daemon.address().port)}`,
    _X_AMZN_TRACE_ID: `Root=${TRACE};Parent=${PARENT};Sampled=1;Lineage=1:abc:0`,
  };
});
afterEach(() => {
  process.env = env;
});

const document = z.looseObject({
  name: z.string(),
  id: z.string().regex(/^[0-9a-f]{16}$/),
  trace_id: z.string(),
  parent_id: z.string(),
  type: z.literal('subsegment'),
  start_time: z.number(),
  end_time: z.number(),
});
/** What has arrived of so many packets. */
async function received(packets: number) {
  while (told.length < packets) await once(daemon, 'message');
  return told.map((packet) => {
    const [header, body = ''] = packet.split('\n');
    expect(header).toBe('{"format":"json","version":1}');
    return document.parse(JSON.parse(body));
  });
}
/** A packet that comes behind whatever else would have been sent. */
async function nothingBefore(): Promise<void> {
  process.env['_X_AMZN_TRACE_ID'] = `Root=${TRACE};Parent=${PARENT};Sampled=1`;
  await traced(
    { name: 'last', namespace: 'remote' },
    () => Promise.resolve(),
    () => ({}),
  );
  expect((await received(1)).map(({ name }) => name)).toEqual(['last']);
}

describe('a call of the table', () => {
  it('becomes a subsegment of the function, with its name, its operation and its status', async () => {
    await makeDocumentClient().send(new GetCommand({ TableName: 'tenants', Key: { PK: `SUPPRESSION#${EMAIL}`, SK: 'x' } }));
    expect(await received(1)).toMatchObject([
      {
        name: 'DynamoDB',
        namespace: 'aws',
        trace_id: TRACE,
        parent_id: PARENT,
        aws: { operation: 'GetItem', table_name: 'tenants', region: 'eu-central-1', request_id: 'stub-1', retries: 0 },
        http: { response: { status: 200 } },
      },
    ]);
  });

  it('tells nothing of keys and values, and nothing that an error says', async () => {
    stub.answer = { status: 400, type: 'ValidationException', message: `The value ${EMAIL} is wrong, and ${TOKEN} too` };
    const update = new UpdateCommand({
      TableName: 'tenants',
      Key: { PK: `SUPPRESSION#${EMAIL}`, SK: TOKEN },
      UpdateExpression: 'SET note = :note',
      ExpressionAttributeValues: { ':note': TOKEN },
    });
    await expect(makeDocumentClient().send(update)).rejects.toThrow('is wrong');
    expect(await received(1)).toMatchObject([{ name: 'DynamoDB', error: true, aws: { operation: 'UpdateItem' } }]);
    expect(told.join('')).not.toContain('harborlane');
    expect(told.join('')).not.toContain(TOKEN);
    expect(told.join('')).not.toContain('SUPPRESSION');
  });

  it('that was throttled says so', async () => {
    stub.answer = { status: 400, type: 'ThrottlingException', message: '' };
    const client = makeDocumentClient();
    await expect(client.send(new GetCommand({ TableName: 't', Key: { PK: 'a', SK: 'b' } }))).rejects.toThrow();
    expect(await received(1)).toMatchObject([{ throttle: true, error: true, aws: { retries: 4 } }]);
  });
});

describe('calls of the other services', () => {
  it('become subsegments too, without the id of the secret and without the body of the message', async () => {
    await makeSecretsClient().send(new GetSecretValueCommand({ SecretId: `prod/ten_x/${TOKEN}` }));
    await makeKmsClient().send(new DecryptCommand({ CiphertextBlob: Buffer.from(TOKEN), EncryptionContext: { who: EMAIL } }));
    await makeQueueClient().send(new SendMessageCommand({ QueueUrl: `${stub.url}/1/followups`, MessageBody: EMAIL }));
    const all = await received(3);
    expect(all.map(({ name, aws }) => [name, z.object({ operation: z.string() }).parse(aws).operation])).toEqual([
      ['Secrets Manager', 'GetSecretValue'],
      ['KMS', 'Decrypt'],
      ['SQS', 'SendMessage'],
    ]);
    expect(told.join('')).not.toContain(TOKEN);
    expect(told.join('')).not.toContain('harborlane');
  });
});

describe('a message', () => {
  it('takes the trace and the request along', async () => {
    const queue = makeFollowupQueue(makeQueueClient(), `${stub.url}/1/followups`);
    await runInvocation({ requestId: 'JKJaXmPLvHcESHA=' }, () =>
      queue.send({ kind: 'revive-sync', tenantId: 'ten_x', task: 'push', runId: 'r' }, 0),
    );
    expect(stub.requests.at(-1)?.body).toMatchObject({
      MessageAttributes: { requestId: { DataType: 'String', StringValue: 'JKJaXmPLvHcESHA=' } },
      MessageSystemAttributes: {
        AWSTraceHeader: { DataType: 'String', StringValue: `Root=${TRACE};Parent=${PARENT};Sampled=1` },
      },
    });
    await received(1);
  });

  it('takes nothing along outside of a function', async () => {
    delete process.env['_X_AMZN_TRACE_ID'];
    const queue = makeFollowupQueue(makeQueueClient(), `${stub.url}/1/followups`);
    await queue.send({ kind: 'revive-sync', tenantId: 'ten_x', task: 'push', runId: 'r' }, 0);
    expect(stub.requests.at(-1)?.body).not.toHaveProperty('MessageAttributes');
    expect(stub.requests.at(-1)?.body).not.toHaveProperty('MessageSystemAttributes');
  });
});

describe('a call of the vendor', () => {
  it('is named by the template of its endpoint', async () => {
    await watched(ENDPOINTS.listMembers, () => Promise.resolve({ status: 429 }));
    expect(await received(1)).toMatchObject([
      {
        name: 'Mailchimp GET /3.0/lists/:list_id/members',
        namespace: 'remote',
        throttle: true,
        http: { request: { method: 'GET', url: 'https://mailchimp/3.0/lists/{list_id}/members' }, response: { status: 429 } },
      },
    ]);
  });

  it('that failed is a fault, and the reason stays here', async () => {
    await expect(watched(ENDPOINTS.ping, () => Promise.reject(new Error(EMAIL)))).rejects.toThrow(EMAIL);
    expect(await received(1)).toMatchObject([{ fault: true }]);
    expect(told.join('')).not.toContain('harborlane');
  });
});

describe('a call that cannot be told of', () => {
  const sent = { name: 'Mailchimp POST', namespace: 'remote' } as const;
  const silent = () => ({});
  const stumbling = (): never => {
    throw new TypeError('The telling failed');
  };

  it.each([
    ['because the daemon has no port', '127.0.0.1', silent],
    ['because the port of the daemon is none', '127.0.0.1:70000', silent],
    ['because what came back is in no known form', undefined, stumbling],
  ])('ends as if nobody had watched it, %s', async (_, address, describeEnd) => {
    if (address !== undefined) process.env['AWS_XRAY_DAEMON_ADDRESS'] = address;
    let calls = 0;
    const accepted = () => Promise.resolve(`accepted ${String(++calls)}`);
    expect(await traced(sent, accepted, describeEnd)).toBe('accepted 1');
    const refused = new Error('refused');
    await expect(traced(sent, () => Promise.reject(refused), describeEnd)).rejects.toBe(refused);
    expect(calls).toBe(1);
  });
});

describe('nothing is told', () => {
  it.each([
    ['outside of Lambda', undefined],
    ['of a trace that is not kept', `Root=${TRACE};Parent=${PARENT};Sampled=0`],
    ['of a header that is none', `Root=${EMAIL};Parent=${PARENT};Sampled=1`],
  ])('%s', async (_, header) => {
    if (header === undefined) delete process.env['_X_AMZN_TRACE_ID'];
    else process.env['_X_AMZN_TRACE_ID'] = header;
    await watched(ENDPOINTS.ping, () => Promise.resolve({ status: 200 }));
    await nothingBefore();
  });

  it('where no daemon runs', async () => {
    const address = process.env['AWS_XRAY_DAEMON_ADDRESS'];
    delete process.env['AWS_XRAY_DAEMON_ADDRESS'];
    await watched(ENDPOINTS.ping, () => Promise.resolve({ status: 200 }));
    process.env['AWS_XRAY_DAEMON_ADDRESS'] = address ?? '';
    await nothingBefore();
  });
});
