import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stackInfoSchema, type StackInfo } from '../../local/stack/state/stack-file.ts';
import { ask } from './request.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const LONGEST_START_MS = 50_000;

/** A program of this project in a process of its own, as npm starts it. */
export class Program {
  readonly process: ChildProcess;
  readonly #closed: Promise<unknown>;
  out = '';
  err = '';

  constructor(file: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    // Without what the test runner put there for itself.
    const { NODE_OPTIONS: _options, NODE_ENV: _env, JEST_WORKER_ID: _id, ...rest } = process.env;
    this.process = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
      cwd: PROJECT,
      env: { ...rest, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#closed = once(this.process, 'close');
    this.process.stdout?.setEncoding('utf8').on('data', (chunk: string) => (this.out += chunk));
    this.process.stderr?.setEncoding('utf8').on('data', (chunk: string) => (this.err += chunk));
  }

  /** The exit code, once the program has ended and all it printed is here. */
  async ended(): Promise<number | null> {
    await this.#closed;
    return this.process.exitCode;
  }

  /** Ends it; answers how long that took. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
    const started = performance.now();
    this.process.kill(signal);
    await this.ended();
    return performance.now() - started;
  }

  /** The processes it has started that still run. */
  children(): number[] {
    const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
    const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
    return pairs.flatMap(([pid, parent]) => (pid !== undefined && parent === this.process.pid ? [pid] : []));
  }
}

export interface RunningStack {
  program: Program;
  info: StackInfo;
  /** From the start of the process to the first 200 of its health. */
  healthyAfterMs: number;
}

export const stateOf = (folder: string): Record<string, string> => ({ LOCAL_STATE_DIR: folder, PORT: '0', SIMULATOR_PORT: '0' });

/** Starts a stack over `folder` on free ports, and waits until it is healthy. */
export async function startStackProgram(folder: string, ...args: string[]): Promise<RunningStack> {
  const started = performance.now();
  const program = new Program('local/start.ts', args, stateOf(folder));
  const file = join(folder, 'stack.json');
  while (performance.now() - started < LONGEST_START_MS && program.process.exitCode === null) {
    const read = existsSync(file) ? stackInfoSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
    if (read?.success === true && read.data.pid === program.process.pid) {
      const health = await ask(read.data.apiUrl, '/v1/health');
      if (health.status === 200) return { program, info: read.data, healthyAfterMs: performance.now() - started };
    }
    await wait(20);
  }
  await program.end('SIGKILL');
  throw new Error(`The stack did not become healthy: ${program.out}${program.err}`);
}
