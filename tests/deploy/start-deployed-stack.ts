import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { STACK_PARTS } from '../../local/stack-parts.ts';
import { startClockEndpoint } from '../../local/stack/clock/clock-endpoint.ts';
import { openClock } from '../../local/stack/clock/stack-clock.ts';
import { makeClosers } from '../../local/stack/closers.ts';
import { Counters } from '../../local/stack/counts/stack-counts.ts';
import { DEMO_TENANT } from '../../local/stack/local-secrets.ts';
import { startOidcEndpoint } from '../../local/stack/oidc/oidc-endpoint.ts';
import { startScheduler } from '../../local/stack/schedules/scheduler.ts';
import type { StackInfo } from '../../local/stack/state/stack-file.ts';
import { writeAtomically } from '../../local/stack/state/write-atomically.ts';
import { ENV, type EnvName } from '../../src/contract/manifest.ts';
import { readDeploymentFile } from './deployment-file.ts';
import { controlEmulator, type EmulatorControl } from './emulator.ts';
import { forgetData, putMailchimpApp, restartFunctions } from './forget-suite.ts';
import { startFileMirror } from './file-mirror.ts';
import { startGatewayFront } from './gateway-front.ts';
import { STAGE } from './stage.ts';

/** The settings that a suite may start its stack with, as `npm start` takes them. */
const SETTINGS = [
  'RATE_LIMIT_PER_MINUTE',
  'OIDC_ISSUER',
  'OIDC_AUDIENCE',
  'OAUTH_PKCE',
  'TOKEN_STORE',
] as const satisfies readonly EnvName[];
const LOOK_EVERY_MS = 25;

/** Waits until no function runs and no queue has work, at most so long: the stack's time must not jump in the middle of it. */
async function settle(control: EmulatorControl, atMostMs: number): Promise<void> {
  const deadline = Date.now() + atMostMs;
  // Twice, because a message is in nobody's hands for a moment while it passes from the queue to its function.
  for (let quiet = 0; quiet < 2 && Date.now() < deadline;) {
    quiet = (await control.isBusy()) ? 0 : quiet + 1;
    await wait(LOOK_EVERY_MS);
  }
}

/**
 * The deployed stack in the place of `local/start.ts`: the same variables, the same `stack.json`, the same control of time. The
 * deployment stays from suite to suite; what a suite left in it is forgotten first.
 */
async function main(): Promise<void> {
  const closers = makeClosers();
  const stopping = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal)));
  const deployment = readDeploymentFile();
  const { endpoint, ports, stacks } = deployment;
  const folder = resolve(process.env['LOCAL_STATE_DIR'] ?? '.local');
  mkdirSync(join(folder, 'secrets'), { recursive: true, mode: 0o700 });

  const control = controlEmulator(deployment);
  const clock = openClock(join(folder, 'clock.json'));
  control.setOffset(clock.offsetMs());
  clock.onMove(() => control.setOffset(clock.offsetMs()));
  await settle(control, 60_000);
  await forgetData(deployment, STAGE);
  await putMailchimpApp(deployment);
  await control.begin();
  const settings = SETTINGS.map((name) => [name, process.env[name] ?? ''] as const).filter(([, value]) => value !== '');
  await restartFunctions(deployment, Object.fromEntries(settings));

  const groups = Object.fromEntries(Object.entries(stacks.functions).map(([name, { logGroup }]) => [name, logGroup]));
  const files = startFileMirror({ endpoint, control, groups: { ...groups, access: stacks.accessLogGroup }, folder });
  closers.add(files.close);
  const issuer = await startOidcEndpoint(join(folder, 'oidc'), ports.issuer);
  closers.add(issuer.close);
  const simulator = await STACK_PARTS.startSimulator({
    port: ports.simulator,
    stateDir: join(folder, 'simulator'),
    clock,
    autoApprove: false,
  });
  closers.add(simulator.close);
  const front = await startGatewayFront(ports.api, endpoint, stacks.apiId);
  closers.add(front.close);

  const scheduler = startScheduler({
    clock,
    rules: stacks.rules,
    fire: async () => {
      await control.fire();
    },
    settle: (atMostMs) => settle(control, atMostMs),
  });
  closers.add(scheduler.close);
  const counters = new Counters();
  const time = await startClockEndpoint({
    clock,
    advance: async (ms) => {
      const fired = await scheduler.advance(ms);
      await files.bring();
      return fired;
    },
    queues: () => ({}),
    counts: () => counters.counts(),
  });
  closers.add(time.close);

  const tenant = await STACK_PARTS.createTenant({ tableName: stacks.tableName, dynamodb: endpoint }, DEMO_TENANT);
  writeAtomically(join(folder, 'secrets', 'demo-tenant'), JSON.stringify(tenant));
  const info: StackInfo = {
    apiUrl: front.url,
    pageUrl: `${front.url}/`,
    simulatorUrl: simulator.url,
    ...tenant,
    endpoints: { dynamodb: endpoint, secretsManager: endpoint, sqs: endpoint, kms: endpoint, oidc: issuer.url, clock: time.url },
    tableName: stacks.tableName,
    deploymentId: stacks.functions['api-read']?.variables[ENV.DEPLOYMENT_ID] ?? '',
    secretIds: { pepper: stacks.pepperSecretId, mailchimpApp: stacks.mailchimpAppSecretId },
    queueUrls: stacks.queueUrls,
    pid: process.pid,
  };
  writeAtomically(join(folder, 'stack.json'), `${JSON.stringify(info, null, 2)}\n`);
  await stopping;
  await closers.close();
}

await main();
process.exit(0);
