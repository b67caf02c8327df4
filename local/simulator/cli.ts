#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { readCliOptions, USAGE, UsageError } from './cli-options.ts';
import { start } from './start.ts';
import { welcome } from './welcome.ts';

/** Beside this file in the sources and in the package alike. */
function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));
  return z.object({ version: z.string() }).parse(manifest).version;
}

/** The simulator alone, until it is stopped. */
async function main(): Promise<void> {
  const command = readCliOptions(process.argv.slice(2), process.env);
  if (command.kind !== 'start') {
    console.log(command.kind === 'help' ? USAGE : version());
    return;
  }
  const simulator = await start({
    ...command.options,
    ...(command.quiet ? {} : { log: (line: string) => console.log(line) }),
  });
  const stop = (): void => {
    void simulator.close().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  console.log(await welcome(simulator));
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  const misused = error instanceof UsageError;
  console.error(misused ? `mailchimp-simulator: ${message}; --help lists what there is.` : message);
  process.exitCode = misused ? 2 : 1;
});
