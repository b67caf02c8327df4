import * as z from 'zod';

const failureSchema = z.object({ __type: z.string() });

/** Calls one operation of a DynamoDB endpoint without loading an SDK, for the few calls the stack itself makes. */
export type CallDynamoDb = <S extends z.ZodType>(operation: string, input: object, answer: S) => Promise<z.infer<S>>;

/** Raised with the error code in DynamoDB's words. */
export class DynamoDbCallError extends Error {
  override readonly name = 'DynamoDbCallError';
  readonly code: string;
  constructor(operation: string, code: string) {
    super(`${operation}: ${code}`);
    this.code = code;
  }
}

export const dynamoDbClient =
  (url: string): CallDynamoDb =>
  async (operation, input, answer) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        'x-amz-date': '20200101T000000Z',
        // Its shape is checked, its signature is not.
        authorization:
          'AWS4-HMAC-SHA256 Credential=local/20200101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local',
      },
      body: JSON.stringify(input),
    });
    const body: unknown = await response.json();
    if (response.ok) return answer.parse(body);
    throw new DynamoDbCallError(operation, failureSchema.parse(body).__type.split('#').at(-1) ?? 'unknown');
  };
