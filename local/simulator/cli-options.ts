import { parseArgs } from 'node:util';
import type { SimulatorOptions } from './public-interface.ts';

export const USAGE = `Usage: mailchimp-simulator [options]

An offline Mailchimp: login, Marketing API 3.0 and signed webhooks on one port of this machine.

  --port N         4010 unless told; 0 takes a free one        (SIMULATOR_PORT)
  --host H         what to bind, 127.0.0.1 unless told
  --seed S         the same seed makes the same ids and people (SIMULATOR_SEED)
  --state-dir D    remember everything in this folder          (SIMULATOR_STATE_DIR)
  --auto-approve   consent without asking a person             (SIMULATOR_AUTO_APPROVE=1)
  --empty          begin without any account
  --quiet          no line per call
  --help           this text
  --version        the version

A flag wins over the environment variable beside it.`;

/** The command line cannot be understood. The message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export type CliCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'start'; readonly options: SimulatorOptions; readonly quiet: boolean };

const FLAGS = {
  port: { type: 'string' },
  host: { type: 'string' },
  seed: { type: 'string' },
  'state-dir': { type: 'string' },
  'auto-approve': { type: 'boolean' },
  empty: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/**
 * What a command line asks for.
 * @throws UsageError for an unknown flag, a missing value or a port that is none
 */
export function readCliOptions(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): CliCommand {
  const flags = flagsOf(args);
  if (flags.help === true) return { kind: 'help' };
  if (flags.version === true) return { kind: 'version' };
  const seed = flags.seed ?? given(environment['SIMULATOR_SEED']);
  const stateDir = flags['state-dir'] ?? given(environment['SIMULATOR_STATE_DIR']);
  const options: SimulatorOptions = {
    port:
      flags.port === undefined
        ? portOf('SIMULATOR_PORT', given(environment['SIMULATOR_PORT']) ?? '4010')
        : portOf('--port', flags.port),
    ...(flags.host === undefined ? {} : { host: flags.host }),
    ...(seed === undefined ? {} : { seed }),
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(flags['auto-approve'] === true || environment['SIMULATOR_AUTO_APPROVE'] === '1' ? { autoApprove: true } : {}),
    ...(flags.empty === true ? { empty: true } : {}),
  };
  return { kind: 'start', options, quiet: flags.quiet === true };
}

function flagsOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS }).values;
  } catch (error) {
    // Node adds advice about positional arguments, over several lines at times; there are none here.
    const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
    throw new UsageError(String(message).split(/\.\s/)[0]);
  }
}

/** A variable that is set to nothing counts as not set. */
const given = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

function portOf(name: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`${name} must be a number from 0 to 65535, not '${text}'`);
}
