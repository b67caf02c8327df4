import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { writeAtomically } from '../../local/stack/state/write-atomically.ts';
import { clientOptions } from './client-options.ts';
import type { EmulatorControl } from './emulator.ts';

const EVERY_MS = 1_000;

export interface Mirrored {
  endpoint: string;
  control: EmulatorControl;
  /** The log groups, by the names their files get. */
  groups: Readonly<Record<string, string>>;
  folder: string;
}

/** Keeps the logs and the queues of a deployment as files, where the suites look for what was written down. */
export function startFileMirror({ endpoint, control, groups, folder }: Mirrored) {
  const client = new CloudWatchLogsClient(clientOptions(endpoint));
  const startTime = Date.now();
  for (const inner of ['logs', 'sqs']) mkdirSync(join(folder, inner), { recursive: true, mode: 0o700 });
  const refresh = async (): Promise<void> => {
    writeAtomically(join(folder, 'sqs', 'messages.json'), await control.messages());
    for (const [name, logGroupName] of Object.entries(groups)) {
      const lines: string[] = [];
      for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName, startTime })) {
        lines.push(...events.map(({ message = '' }) => message.trimEnd()));
      }
      if (lines.length > 0) writeAtomically(join(folder, 'logs', `${name}.log`), `${lines.join('\n')}\n`);
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
