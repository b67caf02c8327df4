/** An optional guard on one write. */
export interface Condition {
  ConditionExpression: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
}

/** Only over a key that is free. */
export const IF_NEW: Condition = { ConditionExpression: 'attribute_not_exists(PK)' };

/** Only over the version that was read; 0 means that there must be none. */
export const ifVersion = (version: number): Condition =>
  version === 0
    ? IF_NEW
    : {
        ConditionExpression: '#version = :read',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':read': version },
      };

/** Whether a write was refused because its guard did not hold. */
export const isConditionFailed = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException';
