import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import * as z from 'zod';
import { Client } from './client.ts';
import { http, parseAs, parseJson } from './http.ts';
import { Vendor } from './simulator.ts';
import { until } from './wait.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
/** What stands in for the local stack where the suites run against a deployment. */
const PROGRAM = process.env['STACK_PROGRAM'] ?? 'local/start.ts';
const START_MS = 60_000;
/** A machine that is busy with other things makes everything slower, and nothing wrong. */
jest.setTimeout(120_000);

const infoSchema = z.object({
  apiUrl: z.string(),
  pageUrl: z.string(),
  simulatorUrl: z.string().nullable(),
  tenantId: z.string(),
  apiKey: z.string(),
  endpoints: z.object({
    dynamodb: z.string(),
    secretsManager: z.string(),
    sqs: z.string(),
    kms: z.string(),
    oidc: z.string(),
    clock: z.string(),
  }),
  tableName: z.string(),
  secretIds: z.object({ pepper: z.string(), mailchimpApp: z.string() }),
  queueUrls: z.record(z.string(), z.string()),
  pid: z.number(),
});
const advanced = z.object({
  now: z.string(),
  offsetMs: z.number(),
  fired: z.array(z.object({ rule: z.string(), time: z.string() })),
});
type StackInfo = z.output<typeof infoSchema> & { readonly simulatorUrl: string };
export const madeToken = z.object({ token: z.string(), expiresAt: z.iso.datetime() });
export const createdTenant = z.object({ tenantId: z.string(), apiKey: z.string() });

/** What a program printed until now. */
export interface Child {
  readonly process: ChildProcess;
  output(): string;
  errors(): string;
  /** Whether it ended and all it printed has been read. */
  closed(): boolean;
}

/** A program of this project, started as npm starts it. */
export function run(args: readonly string[], env: Readonly<Record<string, string>>): Child {
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
    cwd: PROJECT,
    env: { ...plainEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors, closed] = ['', '', false];
  child.once('close', () => (closed = true));
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  return { process: child, output: () => output, errors: () => errors, closed: () => closed };
}

/** Without what the test runner put there for itself. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_ENV: _env, JEST_WORKER_ID: _id, ...rest } = process.env;
  return rest;
}

export async function ended(child: Child): Promise<number | null> {
  if (!child.closed()) await once(child.process, 'close');
  return child.process.exitCode;
}

/** The whole service with its simulated vendor, started as a newcomer starts it. */
export class Stack {
  readonly stateDir: string;
  readonly child: Child;
  readonly info: StackInfo;
  readonly vendor: Vendor;
  /** The tenant that the first start makes. */
  readonly demo: Client;

  constructor(stateDir: string, child: Child, info: StackInfo) {
    this.stateDir = stateDir;
    this.child = child;
    this.info = info;
    this.vendor = new Vendor(info.simulatorUrl);
    this.demo = new Client(info.apiUrl, info.apiKey, info.tenantId);
  }

  /** Everything the service printed. */
  output(): string {
    return this.child.output() + this.child.errors();
  }

  /** One of the command-line tools, over this stack. */
  async tool(...args: readonly string[]): Promise<string> {
    const env = { ...plainEnvironment(), LOCAL_STATE_DIR: this.stateDir };
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', ...args], { cwd: PROJECT, env });
    return stdout;
  }

  async tenant(slug: string, ...more: readonly string[]): Promise<Client> {
    const printed = await this.tool('scripts/tenants.ts', 'create', '--local', '--slug', slug, ...more);
    const { tenantId, apiKey } = createdTenant.parse(parseJson(printed));
    return new Client(this.info.apiUrl, apiKey, tenantId);
  }

  /** A person of the demo tenant, unless the arguments name another, with a token of the stack's issuer. */
  async person(...more: readonly string[]): Promise<Client> {
    const { token } = madeToken.parse(parseJson(await this.tool('scripts/tenants.ts', 'token', '--local', ...more)));
    return this.demo.as(token);
  }

  /** Moves the stack's time and returns the schedules that fired. */
  async advance(ms: number): Promise<{ rule: string; time: string }[]> {
    const url = `${this.info.endpoints.clock}/advance`;
    const reply = await http(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ms }),
    });
    return parseAs(advanced, reply).fired;
  }

  async now(): Promise<number> {
    return Date.parse(parseAs(z.object({ now: z.string() }), await http(`${this.info.endpoints.clock}/`)).now);
  }

  /** Starts again over the same folder and ports, after an end of any kind. */
  reopen({ args = [], env = {} }: Pick<OpenOptions, 'args' | 'env'> = {}): Promise<Stack> {
    const [port, simulatorPort] = [this.info.apiUrl, this.info.simulatorUrl].map((url) => new URL(url).port);
    return openStack({
      stateDir: this.stateDir,
      args,
      env,
      ...(port !== undefined && { port }),
      ...(simulatorPort !== undefined && { simulatorPort }),
    });
  }

  /** Ends the stack as a power cut does; its folder stays. */
  async kill(): Promise<void> {
    this.child.process.kill('SIGKILL');
    await ended(this.child);
  }

  async close(): Promise<void> {
    this.child.process.kill('SIGTERM');
    await ended(this.child);
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}

export const newStateDir = (): string => mkdtempSync(join(tmpdir(), 'stack-'));

interface OpenOptions {
  readonly stateDir?: string;
  /** 0 takes a free one. */
  readonly port?: string;
  readonly simulatorPort?: string;
  /** Of a simulator outside of the stack, which then goes by the account's own API host. */
  readonly simulatorUrl?: string;
  readonly args?: readonly string[];
  /** More variables for the stack. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function openStack({
  stateDir = newStateDir(),
  port = '0',
  simulatorPort = '0',
  simulatorUrl = '',
  args = [],
  env = {},
}: OpenOptions = {}): Promise<Stack> {
  const child = run([PROGRAM, ...args], {
    ...env,
    PORT: port,
    SIMULATOR_PORT: simulatorPort,
    MAILCHIMP_LOGIN_URL: simulatorUrl,
    LOCAL_STATE_DIR: stateDir,
  });
  const file = join(stateDir, 'stack.json');
  const readInfo = () => {
    if (child.closed()) throw new Error(`The stack ended: ${child.output()}${child.errors()}`);
    const read = existsSync(file) ? infoSchema.safeParse(parseJson(readFileSync(file, 'utf8'))) : undefined;
    return read?.data?.pid === child.process.pid ? read?.data : undefined;
  };
  try {
    const info = await until('stack.json', readInfo, START_MS);
    const healthy = async () =>
      (await http(`${info.apiUrl}/v1/health`).catch(() => undefined))?.status === 200 ? true : undefined;
    await until('a healthy API', healthy, START_MS);
    return new Stack(stateDir, child, { ...info, simulatorUrl: info.simulatorUrl ?? simulatorUrl });
  } catch (error) {
    child.process.kill('SIGKILL');
    throw error;
  }
}
