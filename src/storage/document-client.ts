import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { REQUEST_LIMITS } from './request-limits.ts';

/** @param endpoint of an embedded engine; on AWS, and in a function, the SDK finds its own */
export const makeDocumentClient = (endpoint?: string): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({
      ...(endpoint && { endpoint }),
      maxAttempts: 5,
      requestHandler: REQUEST_LIMITS,
    }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
