import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
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
  'oidc',
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
  release: () => Promise<void>;
}

function readMark(file: string): string | undefined {
  try {
    return markSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).deploymentId;
  } catch {
    return undefined;
  }
}

const isLocked = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'LEVEL_LOCKED';

/**
 * Takes a state folder, and empties it first when asked to. The lock is LevelDB's, which the operating system drops with
 * the process: a killed stack leaves nothing that blocks the next one.
 * @throws StackError when another stack runs over the folder, or when a reset is aimed at a folder that is not one of ours.
 */
export async function takeStateFolder(folder: string, reset: boolean): Promise<StateFolder> {
  const mark = join(folder, MARK);
  if (reset && readMark(mark) === undefined && OWN.some((entry) => existsSync(join(folder, entry)))) {
    throw new StackError(`${folder} was not made by this program, so --reset leaves it alone. Choose another LOCAL_STATE_DIR.`);
  }
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch {
    throw new StackError(`${folder} cannot be written to. Choose another LOCAL_STATE_DIR.`);
  }
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
  if (!existsSync(mark)) writeAtomically(mark, `${JSON.stringify({ deploymentId: randomUUID() })}\n`);
  const deploymentId = readMark(mark);
  if (deploymentId === undefined) {
    await lock.close();
    throw new StackError(`${mark} was not made by this program. Choose another LOCAL_STATE_DIR.`);
  }
  for (const inner of ['dynamodb', 'secrets', 'sqs', 'logs']) mkdirSync(join(folder, inner), { recursive: true, mode: 0o700 });
  return {
    path: (entry) => join(folder, entry),
    deploymentId,
    release: () => lock.close(),
  };
}
