import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import * as z from 'zod';
import { StackError } from '../stack-error.ts';
import { writeAtomically } from './write-atomically.ts';

const MARK = 'state.json';
/** Everything a stack puts into its folder, and so everything a reset may take out. */
const OWN = [
  'clock.json',
  'dynamodb',
  'dynamodb.closed',
  'functions',
  'kms',
  'logs',
  'secrets',
  'simulator',
  'sqs',
  'stack.json',
  MARK,
] as const;
const markSchema = z.object({ deploymentId: z.string() });

/** The folder of one stack, held by this process alone until released. */
export interface StateFolder {
  path(entry: (typeof OWN)[number]): string;
  /** Random, made with the folder. */
  readonly deploymentId: string;
  release(): Promise<void>;
}

const isLocked = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'LEVEL_LOCKED';

/**
 * Takes a state folder, and empties it first when asked to. The lock is LevelDB's, which the operating system drops with
 * the process: a killed stack leaves nothing that blocks the next one.
 * @throws StackError when another stack runs over the folder, or when a reset is aimed at a folder that is not one of ours.
 */
export async function takeStateFolder(folder: string, reset: boolean): Promise<StateFolder> {
  const ours = existsSync(join(folder, MARK));
  if (reset && existsSync(folder) && !ours && OWN.some((entry) => existsSync(join(folder, entry)))) {
    throw new StackError(`${folder} was not made by this program, so --reset leaves it alone. Choose another LOCAL_STATE_DIR.`);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = new ClassicLevel(join(folder, 'lock'));
  try {
    await lock.open();
  } catch (error) {
    if (!isLocked(error)) throw error;
    throw new StackError(
      `A stack is already running over ${folder}: stop it, or choose another folder with LOCAL_STATE_DIR=… npm start.`,
    );
  }
  if (reset) {
    for (const entry of OWN) rmSync(join(folder, entry), { recursive: true, force: true });
  }
  const mark = join(folder, MARK);
  if (!existsSync(mark)) writeAtomically(mark, `${JSON.stringify({ deploymentId: randomUUID() })}\n`);
  for (const inner of ['dynamodb', 'secrets', 'sqs', 'logs']) mkdirSync(join(folder, inner), { recursive: true, mode: 0o700 });
  return {
    path: (entry) => join(folder, entry),
    deploymentId: markSchema.parse(JSON.parse(readFileSync(mark, 'utf8'))).deploymentId,
    release: () => lock.close(),
  };
}
