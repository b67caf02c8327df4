import type { Log, LogFields } from '../core/shared/log.ts';

const write = (level: string, event: string, fields: LogFields = {}): void => {
  // One JSON object a line: CloudWatch Logs finds the fields by itself.
  process.stdout.write(`${JSON.stringify({ level, event, at: new Date().toISOString(), ...fields })}\n`);
};

export const log: Log = {
  info: (event, fields) => write('info', event, fields),
  warn: (event, fields) => write('warn', event, fields),
  error: (event, fields) => write('error', event, fields),
};
