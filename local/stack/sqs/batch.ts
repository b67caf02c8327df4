import * as z from 'zod';
import { AwsError } from '../aws/json-protocol.ts';

const ID = /^[A-Za-z0-9_-]{1,80}$/;
const LIMIT = 10;

/** A batch entry: its id, and what the single operation takes. */
export const entriesOf = <S extends z.ZodRawShape>(shape: S) => z.array(z.object({ Id: z.string(), ...shape }));

/** Checks a batch as a whole. @throws AwsError as SQS does. */
export function checkBatch(entries: readonly { Id: string }[]): void {
  if (entries.length === 0) throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > LIMIT) {
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${LIMIT}. You have sent ${entries.length}.`,
    );
  }
  if (!entries.every(({ Id }) => ID.test(Id))) {
    throw new AwsError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores.',
    );
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
}

/** Runs each entry by itself; one that fails does not stop the others. */
export async function runBatch<E extends { Id: string }>(
  entries: readonly E[],
  run: (entry: E) => Promise<object> | object,
): Promise<{ Successful: object[]; Failed: object[] }> {
  checkBatch(entries);
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...(await run(entry)) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}
