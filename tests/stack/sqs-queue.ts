import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
  type SendMessageCommandInput,
  type SendMessageCommandOutput,
} from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';

export const sqsClient = (endpoint: string): SQSClient =>
  new SQSClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });

/** One queue with the calls the tests repeat, through AWS's own client. */
export class TestQueue {
  readonly client: SQSClient;
  readonly url: string;

  constructor(client: SQSClient, url: string) {
    this.client = client;
    this.url = url;
  }

  send(MessageBody: string, more: Partial<SendMessageCommandInput> = {}): Promise<SendMessageCommandOutput> {
    return this.client.send(new SendMessageCommand({ QueueUrl: this.url, MessageBody, ...more }));
  }

  /** To a FIFO queue; `id` is the deduplication id. */
  sendInGroup(MessageGroupId: string, body: string, id = `${body}-${randomUUID()}`): Promise<SendMessageCommandOutput> {
    return this.send(body, { MessageGroupId, MessageDeduplicationId: id });
  }

  async receive(max = 10, waitSeconds = 0): Promise<Message[]> {
    const answer = await this.client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.url,
        MaxNumberOfMessages: max,
        WaitTimeSeconds: waitSeconds,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return answer.Messages ?? [];
  }

  async bodies(max = 10): Promise<(string | undefined)[]> {
    return (await this.receive(max)).map(({ Body }) => Body);
  }

  async delete(message: Message | undefined): Promise<void> {
    await this.client.send(new DeleteMessageCommand({ QueueUrl: this.url, ReceiptHandle: message?.ReceiptHandle }));
  }

  async attribute(name: 'QueueArn' | 'ApproximateNumberOfMessages'): Promise<string | undefined> {
    const answer = await this.client.send(new GetQueueAttributesCommand({ QueueUrl: this.url, AttributeNames: [name] }));
    return answer.Attributes?.[name];
  }
}

export async function createQueue(client: SQSClient, attributes: Record<string, string> = {}): Promise<TestQueue> {
  const name = `q-${randomUUID()}${attributes['FifoQueue'] === 'true' ? '.fifo' : ''}`;
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return new TestQueue(client, QueueUrl);
}
