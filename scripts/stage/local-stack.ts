import { join } from 'node:path';
import * as z from 'zod';
import { readStackFile, type StackInfo } from '../../local/stack/state/stack-file.ts';

/** The stack that runs over the folder of `LOCAL_STATE_DIR`. @throws StackError when there is none */
export function openLocalStack(): StackInfo {
  // The local endpoints take any credentials; the clients insist on some.
  process.env['AWS_REGION'] ??= 'us-east-1';
  process.env['AWS_ACCESS_KEY_ID'] ??= 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'local';
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  return readStackFile(join(process.env['LOCAL_STATE_DIR'] || '.local', 'stack.json'));
}

/** The stack's own time, which may have been moved. @returns ms since the epoch */
export async function readLocalTime({ endpoints }: StackInfo): Promise<number> {
  const answer = await fetch(`${endpoints.clock}/`, { signal: AbortSignal.timeout(10_000) });
  return Date.parse(z.object({ now: z.string() }).parse(await answer.json()).now);
}
