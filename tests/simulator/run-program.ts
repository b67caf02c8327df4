import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { until } from './open-simulator.ts';

interface Place {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends what the program started as well: npx does not pass a signal on. */
  readonly ownGroup?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** What a program finds around itself: nothing of the simulator's, whatever the developer has set. */
const environment = (more: Place['env'] = {}): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('SIMULATOR_') && name !== 'NODE_OPTIONS'),
  ),
  ...more,
});

/** Runs a program to its end. */
export async function runProgram(program: string, args: readonly string[], { cwd, env }: Place = {}): Promise<Ended> {
  const child = spawn(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  await once(child, 'close');
  return { code: child.exitCode, out, err };
}

/** A simulator in a process of its own. */
export interface RunningProgram {
  readonly url: string;
  /** All it has printed so far. */
  printed(): string;
  /** Ends it the way a person (`SIGINT`) or an accident (`SIGKILL`) would. @returns its exit code */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a command line of the simulator and waits until it says where it is; one that does not is ended. */
export async function startProgram(program: string, args: readonly string[], place: Place = {}): Promise<RunningProgram> {
  const { cwd, env, ownGroup = false } = place;
  const child: ChildProcess = spawn(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: environment(env),
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: ownGroup,
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const kill = (signal: NodeJS.Signals): void => {
    if (ownGroup && child.pid !== undefined) process.kill(-child.pid, signal);
    else child.kill(signal);
  };
  try {
    await until('the simulator said where it is', () => output.includes('Ctrl+C') || child.exitCode !== null, 30_000);
    if (child.exitCode !== null) throw new Error(`The simulator ended with ${child.exitCode}: ${output}`);
  } catch (error) {
    if (child.exitCode === null) kill('SIGKILL');
    throw error;
  }
  return {
    url: /simulator on (http\S+)/.exec(output)?.[1] ?? '',
    printed: () => output,
    end: async (signal = 'SIGKILL') => {
      const gone = once(child, 'exit');
      kill(signal);
      await gone;
      return child.exitCode;
    },
  };
}
