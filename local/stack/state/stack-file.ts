import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { StackError } from '../stack-error.ts';

export const stackInfoSchema = z.object({
  apiUrl: z.string(),
  pageUrl: z.string(),
  /** Null when the stack talks to the real vendor. */
  simulatorUrl: z.string().nullable(),
  tenantId: z.string(),
  apiKey: z.string(),
  endpoints: z.object({
    dynamodb: z.string(),
    secretsManager: z.string(),
    sqs: z.string(),
    kms: z.string(),
    oidc: z.string(),
    clock: z.string(),
  }),
  tableName: z.string(),
  deploymentId: z.string(),
  secretIds: z.object({ pepper: z.string(), mailchimpApp: z.string() }),
  queueUrls: z.record(z.string(), z.string()),
  pid: z.number(),
});
/** What `stack.json` tells other programs of this machine. */
export type StackInfo = z.infer<typeof stackInfoSchema>;

/** Reads `stack.json`. @throws StackError when there is none. */
export function readStackFile(file: string): StackInfo {
  try {
    return stackInfoSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new StackError(
      `No stack is running: ${file} is missing or cannot be read. Start one with npm start, or name the folder of the one that runs in LOCAL_STATE_DIR.`,
    );
  }
}
