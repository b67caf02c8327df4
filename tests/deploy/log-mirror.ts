import { join } from 'node:path';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { writeAtomically } from '../../local/stack/state/write-atomically.ts';
import { clientOptions } from './client-options.ts';

const EVERY_MS = 1_000;

/** Keeps the log groups of a deployment as files, where the suites look for logs. */
export function startLogMirror(endpoint: string, groups: Readonly<Record<string, string>>, folder: string) {
  const client = new CloudWatchLogsClient(clientOptions(endpoint));
  const startTime = Date.now();
  const refresh = async (): Promise<void> => {
    for (const [name, logGroupName] of Object.entries(groups)) {
      const lines: string[] = [];
      for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName, startTime })) {
        lines.push(...events.map(({ message = '' }) => message.trimEnd()));
      }
      if (lines.length > 0) writeAtomically(join(folder, `${name}.log`), `${lines.join('\n')}\n`);
    }
  };
  let turn: Promise<void> = Promise.resolve();
  /** Brings the files up to date. */
  const bring = (): Promise<void> => {
    turn = turn.then(refresh);
    return turn;
  };
  const timer = setInterval(() => void bring().catch((error: unknown) => console.error(error)), EVERY_MS);
  return {
    bring,
    close: async (): Promise<void> => {
      clearInterval(timer);
      await turn;
      client.destroy();
    },
  };
}
