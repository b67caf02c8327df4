import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FUNCTION_NAMES, FUNCTIONS, QUEUES, RULES } from '../../src/contract/manifest.ts';
import { readyTenant } from '../e2e/connect.ts';
import { encode, post, shortForm, sign, signingSecretOf } from '../e2e/deliveries.ts';
import { http, parseJson } from '../e2e/http.ts';
import { openStack, type Stack } from '../e2e/open-stack.ts';
import { sqsClient } from '../stack/sqs-queue.ts';
import { clientOptions } from './client-options.ts';
import { readDeploymentFile, type DeploymentFile } from './deployment-file.ts';
import { CONSOLE_ORIGIN } from './stage.ts';

describe('what was deployed', () => {
  let stack: Stack;
  let deployment: DeploymentFile;
  beforeAll(async () => {
    deployment = readDeploymentFile();
    stack = await openStack();
  });
  afterAll(() => stack.close());

  it('is every function and every schedule of the manifest', () => {
    const { functions, rules } = deployment.stacks;
    const expected = FUNCTION_NAMES.map((name) => [name, FUNCTIONS[name].memoryMb, FUNCTIONS[name].timeoutSeconds]);
    expect(Object.entries(functions).map(([name, { memoryMb, timeoutSeconds }]) => [name, memoryMb, timeoutSeconds])).toEqual(
      expected,
    );
    expect(rules).toEqual(Object.fromEntries(Object.entries(RULES).map(([name, { minute, hour }]) => [name, { minute, hour }])));
  });

  it.each(['sync', 'followups'] as const)(
    'gives up a message of the queue %s after as many tries as the manifest says',
    async (name) => {
      const client = sqsClient(deployment.endpoint);
      const QueueUrl = deployment.stacks.queueUrls[name];
      const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
      expect(parseJson(Attributes?.['RedrivePolicy'] ?? '')).toMatchObject({ maxReceiveCount: QUEUES[name].maxReceiveCount });
      expect(Attributes?.['VisibilityTimeout']).toBe(String(QUEUES[name].visibilitySeconds));
      client.destroy();
    },
  );

  it('hears the vendor at the registered URL, which ends in a slash, and at the form without an id', async () => {
    const { accountId } = await readyTenant(stack, 'slash');
    const [hook] = await stack.vendor.hooks(accountId);
    const url = hook?.url ?? '';
    expect(url).toMatch(/\/marketing-automation\/webhooks\/mailchimp\/hook_\w+\/\?secret=./);
    expect(shortForm(url)).toMatch(/\/marketing-automation\/webhooks\/mailchimp\/\?secret=./);
    for (const form of [url, shortForm(url)]) {
      const body = encode('unsubscribe', { email: 'gone@readers.test', reason: 'manual' });
      expect((await http(form)).status).toBe(200);
      expect((await post(form, body, sign(signingSecretOf(stack, hook?.id ?? ''), body))).status).toBe(200);
    }
    expect((await http(url.replace('/mailchimp/', '/elsewhere/'))).status).toBe(404);
  });

  it('lets the scripts of the console call, and nobody else', async () => {
    const preflight = (origin: string) =>
      http(`${stack.info.apiUrl}/v1/campaigns`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      });
    expect((await preflight(CONSOLE_ORIGIN)).headers.get('access-control-allow-origin')).toBe(CONSOLE_ORIGIN);
    expect((await preflight('https://elsewhere.example.test')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('refuses to delete the table of a lasting stage', async () => {
    const client = new DynamoDBClient(clientOptions(deployment.endpoint));
    const { tableName: TableName } = deployment.stacks;
    await expect(client.send(new DeleteTableCommand({ TableName }))).rejects.toThrow(/protect/i);
    client.destroy();
  });
});
