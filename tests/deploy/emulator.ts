import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { ACCOUNT_ID, REGION } from '../../local/stack/aws/names.ts';
import { buildWorkerClock } from './build-worker-clock.ts';
import { freePort } from './free-port.ts';

const HERE = import.meta.dirname;
const REQUIREMENTS = join(HERE, 'requirements.txt');
const PYTHON = process.env['PYTHON'] ?? 'python3';
/** A machine that is busy with other things makes everything slower, and nothing wrong. */
const READY_WITHIN_MS = 60_000;
const GRACE_MS = 3_000;
const LOOK_EVERY_MS = 50;

/** What an AWS client needs to speak with the emulator; it takes any credentials. */
export const emulatorEnvironment = (endpoint: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  CDK_DEFAULT_ACCOUNT: ACCOUNT_ID,
  CDK_DEFAULT_REGION: REGION,
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
});

/** An AWS of this machine alone, and what moves its time. */
export interface Emulator {
  endpoint: string;
  controlUrl: string;
  offsetFile: string;
  stop: () => Promise<void>;
}

/**
 * Installs MiniStack with exactly the packages of `requirements.txt`, into a folder of its own that is made once.
 * @throws when Python or pip is missing, with what to install
 */
export function installEmulator(): string {
  const pins = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const folder = resolve(HERE, `../../node_modules/.cache/ministack-${pins}`);
  if (existsSync(folder)) return folder;
  const making = `${folder}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--disable-pip-version-check', '--target', making];
  const installed = spawnSync(PYTHON, [...pip, '-r', REQUIREMENTS], { encoding: 'utf8' });
  if (installed.status !== 0) {
    rmSync(making, { recursive: true, force: true });
    throw new Error(
      `MiniStack could not be installed. It needs Python 3.10 or newer with pip, as ${PYTHON} or as PYTHON names it.\n${installed.stderr}`,
    );
  }
  renameSync(making, folder);
  return folder;
}

/** Starts the emulator over a folder, on free ports of the loopback interface alone. */
export async function startEmulator(packages: string, folder: string): Promise<Emulator> {
  const [port, controlPort] = [await freePort(), await freePort()];
  const offsetFile = join(folder, 'clock-offset');
  writeFileSync(offsetFile, Buffer.alloc(8));
  const workerClock = await buildWorkerClock(folder);
  const log = openSync(join(folder, 'ministack.log'), 'a', 0o600);
  const child = spawn(PYTHON, [join(HERE, 'run_ministack.py')], {
    cwd: folder,
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      TMPDIR: folder,
      PYTHONPATH: packages,
      PYTHONDONTWRITEBYTECODE: '1',
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      CONTROL_PORT: String(controlPort),
      CLOCK_OFFSET_FILE: offsetFile,
      // The functions run as Node's processes of this machine, with the clock of the stack.
      LAMBDA_EXECUTOR: 'local',
      WORKER_CLOCK: workerClock,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      SFTP_ENABLED: '0',
      IOT_MTLS_ENABLED: '0',
      STATE_DIR: join(folder, 'state'),
      S3_DATA_DIR: join(folder, 's3'),
      LOG_LEVEL: 'INFO',
    },
  });
  closeSync(log);
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    // It closes its port at once, and sometimes stays for all that.
    await Promise.race([ended, wait(GRACE_MS, undefined, { ref: false })]);
    child.kill('SIGKILL');
    await ended;
  };
  const emulator = { endpoint: `http://127.0.0.1:${port}`, controlUrl: `http://127.0.0.1:${controlPort}`, offsetFile, stop };
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await isUp(`${emulator.endpoint}/_ministack/health`))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`MiniStack did not start: ${readFileSync(join(folder, 'ministack.log'), 'utf8').slice(-2_000)}`);
    }
    await wait(LOOK_EVERY_MS);
  }
  return emulator;
}

const isUp = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

/** The control of a running emulator, from any process. */
export function controlEmulator({ controlUrl, offsetFile }: Pick<Emulator, 'controlUrl' | 'offsetFile'>) {
  const call = async (path: string, method = 'GET'): Promise<unknown> => {
    const answer = await fetch(`${controlUrl}${path}`, { method });
    if (!answer.ok) throw new Error(`The emulator's ${path} answered ${answer.status}.`);
    return answer.json();
  };
  return {
    isBusy: async () => z.boolean().parse(await call('/busy')),
    /** What every queue holds, as JSON. */
    messages: async () => JSON.stringify(await call('/messages'), null, 1),
    fire: () => call('/fire', 'POST'),
    begin: () => call('/begin', 'POST'),
    /** In place, so that whoever has the file open sees it. */
    setOffset: (offsetMs: number): void => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt(offsetMs));
      const file = openSync(offsetFile, 'r+');
      writeSync(file, bytes, 0, 8, 0);
      closeSync(file);
    },
  };
}
export type EmulatorControl = ReturnType<typeof controlEmulator>;
