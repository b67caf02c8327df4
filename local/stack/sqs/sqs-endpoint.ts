import { startJsonService, type Operation } from '../aws/json-protocol.ts';
import type { LocalServer } from '../http/local-server.ts';
import { messageOperations } from './message-operations.ts';
import { queueOperations } from './queue-operations.ts';
import type { Queues } from './queues.ts';

/** Codes whose older name SDKs still look for in `x-amzn-query-error`. */
const OLDER_NAMES: Readonly<Record<string, string>> = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
};

/** Serves the queues as Amazon SQS. */
export async function startSqsEndpoint(queues: Queues): Promise<LocalServer> {
  // Queue URLs hold the port, which is known only once the server listens; no request comes before that.
  let baseUrl = '';
  const urlOf = (name: string): string => queueUrl(baseUrl, name);
  const operations: Record<string, Operation> = { ...queueOperations(queues, urlOf), ...messageOperations(queues) };
  const server = await startJsonService({
    target: 'AmazonSQS',
    version: '1.0',
    operations,
    invalidInput: 'InvalidParameterValue',
    errorHeaders: (code) => ({ 'x-amzn-query-error': `${OLDER_NAMES[code] ?? code};Sender` }),
  });
  baseUrl = server.url;
  return server;
}

/** The URL of a queue at the endpoint `baseUrl`. */
export const queueUrl = (baseUrl: string, name: string): string => `${baseUrl}/000000000000/${name}`;
