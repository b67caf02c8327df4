import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { QUEUES, RETURN_PATH, RULES, TABLE, type EnvName, type FunctionName } from '../../src/contract/manifest.ts';
import { tableStatements, type TableStatement } from '../../src/contract/table-access.ts';
import { startClockEndpoint } from './clock/clock-endpoint.ts';
import { openClock, type StackClock } from './clock/stack-clock.ts';
import { Counters } from './counts/stack-counts.ts';
import { makeClosers, type Closers } from './closers.ts';
import type { AccessOf } from './dynamodb/check-access.ts';
import { startEndpoints, type Endpoints } from './endpoints.ts';
import { buildBundles, type Bundles } from './functions/build-bundles.ts';
import { functionEnvironment } from './functions/function-environment.ts';
import { makeFunctions, type Functions } from './functions/functions.ts';
import { startHttpApi } from './http/http-api.ts';
import { makeRouter } from './http/match-route.ts';
import { makeStaticPage } from './http/static-page.ts';
import { DEMO_TENANT, ensureDemoTenant, SECRET_IDS, writeLocalSecrets } from './local-secrets.ts';
import { mailchimpUrls } from './mailchimp-urls.ts';
import { LOCAL_AUDIENCE } from './oidc/oidc-endpoint.ts';
import { fireRule } from './schedules/fire-rule.ts';
import { startScheduler } from './schedules/scheduler.ts';
import { startEventSource } from './sqs/event-source.ts';
import { ensureManifestQueues } from './sqs/manifest-queues.ts';
import { settleQueues } from './sqs/settle.ts';
import { queueUrl } from './sqs/sqs-endpoint.ts';
import type { StackOptions } from './stack-options.ts';
import type { StackInfo } from './state/stack-file.ts';
import { takeStateFolder, type StateFolder } from './state/state-folder.ts';
import { writeAtomically } from './state/write-atomically.ts';
import { checkSimulatorPort, startStackSimulator, takeApiPort } from './take-ports.ts';

const TABLE_NAME = 'email-platform';
/** One machine is not a region: more invocations at once than this only wait for each other. */
const MOST_CONCURRENT = 20;
/** How long an end waits for what is in work; the next start takes up the rest. */
const GRACE_MS = 700;

export interface Stack {
  info: StackInfo;
  close: () => Promise<void>;
}

/**
 * Starts the whole service in this process. The ports and the folder come first: a start that cannot have them has done
 * nothing when it says so.
 * @throws StackError for what the person at the keyboard can put right.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const closers = makeClosers();
  try {
    const api = await takeApiPort(options.port, () => startHttpApi<FunctionName>(options.port));
    closers.add(api.close);
    await checkSimulatorPort(options);
    const state = await takeStateFolder(options.stateDir, options.reset);
    closers.add(state.release);
    rmSync(state.path('stack.json'), { force: true });

    const clock = openClock(state.path('clock.json'));
    const counters = new Counters();
    const { bundles, endpoints, simulatorUrl, tenant } = await startParts(options, state, clock, closers, counters);
    const sources = await ensureManifestQueues(endpoints.queues, QUEUES);
    const queueUrls = Object.fromEntries(sources.map(({ name, queue }) => [name, queueUrl(endpoints.urls.sqs, queue.name)]));
    const deadLetterUrls = Object.fromEntries(
      sources.map(({ name, deadLetters }) => [name, queueUrl(endpoints.urls.sqs, deadLetters.name)]),
    );
    const values: Partial<Record<EnvName, string>> = definedOnly({
      STAGE: 'local',
      DEPLOYMENT_ID: state.deploymentId,
      TABLE_NAME,
      PEPPER_SECRET_ID: SECRET_IDS.pepper,
      MAILCHIMP_APP_SECRET_ID: SECRET_IDS.mailchimpApp,
      OAUTH_PKCE: options.pkce,
      TOKEN_STORE: options.tokenStore,
      TOKEN_KEY_ID: endpoints.tokenKeyId,
      SYNC_QUEUE_URL: queueUrls['sync'],
      FOLLOWUPS_QUEUE_URL: queueUrls['followups'],
      SYNC_DEAD_LETTERS_URL: deadLetterUrls['sync'],
      FOLLOWUPS_DEAD_LETTERS_URL: deadLetterUrls['followups'],
      PUBLIC_BASE_URL: options.publicBaseUrl ?? api.url,
      RETURN_URLS: `${options.publicBaseUrl ?? api.url}${RETURN_PATH}`,
      RATE_LIMIT_PER_MINUTE: options.rateLimitPerMinute,
      OIDC_ISSUER: options.oidcIssuer ?? endpoints.oidcUrl,
      OIDC_AUDIENCE: options.oidcAudience ?? LOCAL_AUDIENCE,
      ...mailchimpUrls(options, simulatorUrl),
    });
    const functions = makeFunctions<FunctionName>({
      specs: options.functions,
      worker: bundles.worker,
      bundles: bundles.functions,
      environmentOf: (name) => functionEnvironment(name, options.functions[name], values, endpoints.urls),
      logFolder: state.path('logs'),
      clock,
      counters,
    });
    closers.add(() => endFunctions(functions));
    for (const { queue, spec } of sources) {
      const source = startEventSource({
        queue,
        batchSize: spec.batchSize,
        concurrency: Math.min(spec.maxConcurrency, MOST_CONCURRENT),
        invoke: (event) => functions.invoke(spec.consumer, event),
      });
      closers.add(source.close);
    }
    const scheduler = startScheduler({
      clock,
      rules: RULES,
      fire: (rule, time) => fireRule((event) => functions.invoke('dispatcher', event), { rule, task: RULES[rule].task, time }),
      // Nobody empties a dead-letter queue, so that one would never be settled.
      settle: (atMostMs) =>
        settleQueues(
          sources.map(({ queue }) => queue),
          atMostMs,
        ),
    });
    closers.add(scheduler.close);
    const control = await startClockEndpoint({
      clock,
      advance: scheduler.advance,
      queues: () => Object.fromEntries(sources.map(({ name, queue }) => [name, queue.counts()])),
      counts: () => counters.counts(),
    });
    closers.add(control.close);

    const info: StackInfo = {
      apiUrl: api.url,
      pageUrl: `${api.url}/`,
      simulatorUrl: simulatorUrl ?? null,
      ...tenant,
      endpoints: { ...endpoints.urls, oidc: endpoints.oidcUrl, clock: control.url },
      tableName: TABLE_NAME,
      deploymentId: state.deploymentId,
      secretIds: SECRET_IDS,
      queueUrls,
      pid: process.pid,
    };
    writeAtomically(state.path('stack.json'), `${JSON.stringify(info, null, 2)}\n`);
    closers.add(() => rmSync(state.path('stack.json'), { force: true }));
    api.open({
      match: makeRouter(options.routes, 'api-read'),
      invoke: functions.invoke,
      page: makeStaticPage({ folder: options.pageFolder, port: api.port, demoApiKey: tenant.apiKey }),
      consoleOrigins: options.consoleOrigins,
      accessLog: `${state.path('logs')}/access.log`,
    });
    void functions.warm('api-read');
    return { info, close: closers.close };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

interface Parts {
  bundles: Bundles;
  endpoints: Endpoints;
  simulatorUrl: string | undefined;
  tenant: { tenantId: string; apiKey: string };
}

/** Starts what does not depend on each other at the same time. */
async function startParts(
  options: StackOptions,
  state: StateFolder,
  clock: StackClock,
  closers: Closers,
  counters: Counters,
): Promise<Parts> {
  const building = buildBundles(state.path('functions'), (outDir) =>
    options.buildFunctions({ outDir, functions: options.functions }),
  );
  const serving = startEndpoints(state, clock, TABLE_NAME, TABLE, accessOf(options.functions), counters).then(
    async (endpoints) => {
      closers.add(endpoints.close);
      writeLocalSecrets(endpoints.secrets, clock, {
        clientId: options.mailchimpClientId ?? options.simulatorClient.clientId,
        clientSecret: options.mailchimpClientSecret ?? options.simulatorClient.clientSecret,
      });
      const table = { tableName: TABLE_NAME, dynamodb: endpoints.urls.dynamodb };
      const tenant = await ensureDemoTenant(endpoints.secrets, clock, () => options.createTenant(table, DEMO_TENANT));
      return { endpoints, tenant };
    },
  );
  const simulating = startStackSimulator(options, state.path('simulator'), clock).then((simulator) => {
    if (simulator !== undefined) closers.add(simulator.close);
    return simulator?.url;
  });
  // All of them end before one failure is told, so that nothing starts behind the back of the clean-up.
  await Promise.allSettled([building, serving, simulating]);
  return { bundles: await building, simulatorUrl: await simulating, ...(await serving) };
}

/** A function signs with its own name, so that the table can hold it to its own rights. */
function accessOf(functions: StackOptions['functions']): AccessOf {
  const known = new Map<string, readonly TableStatement[]>(
    Object.entries(functions).map(([name, spec]) => [name, tableStatements(spec)]),
  );
  return (accessKeyId) => known.get(accessKeyId);
}

async function endFunctions(functions: Functions<FunctionName>): Promise<void> {
  const until = performance.now() + GRACE_MS;
  while (functions.inFlight() > 0 && performance.now() < until) await wait(20);
  await functions.close();
}

function definedOnly<K extends string>(values: Readonly<Record<K, string | undefined>>): Partial<Record<K, string>> {
  const defined: Partial<Record<K, string>> = {};
  for (const key in values) {
    const value = values[key];
    if (value !== undefined) defined[key] = value;
  }
  return defined;
}
