import { closeSync, openSync, writeSync } from 'node:fs';
import { format } from 'node:util';

/** Sends everything the function prints to its log file, one line an entry, written before the next statement runs. */
export function openFunctionLog(file: string): { write(entry: string): void; close(): void } {
  const descriptor = openSync(file, 'a', 0o600);
  // Lambda's own way to keep an entry of several lines together.
  const write = (entry: string): void => {
    writeSync(descriptor, `${entry.trimEnd().replaceAll('\n', '\r')}\n`);
  };
  for (const level of ['log', 'info', 'debug', 'warn', 'error', 'trace'] as const) {
    console[level] = (...values: unknown[]) => write(format(...values));
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk: string | Uint8Array) => {
      write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      return true;
    };
  }
  return { write, close: () => closeSync(descriptor) };
}
