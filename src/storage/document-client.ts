import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { REQUEST_LIMITS } from './request-limits.ts';
import { tracing, TRACING } from './traced-client.ts';

/** @param endpoint of an embedded engine; on AWS, and in a function, the SDK finds its own */
export function makeDocumentClient(endpoint?: string): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    ...(endpoint && { endpoint }),
    maxAttempts: 5,
    requestHandler: REQUEST_LIMITS,
  });
  client.middlewareStack.add(tracing('DynamoDB'), TRACING);
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
