import { queueHandler } from '../../lambdas/shared/queue-handler.ts';
import { handler as receiveWebhook } from '../../lambdas/webhooks/receive-webhook.ts';
import { QUEUES, WEBHOOK_PATH, type QueueName } from '../../src/contract/manifest.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import { sha256 } from '../../src/core/shared/ids.ts';
import { syncMessageSchema } from '../../src/core/sync/queue-messages.ts';
import { makeHookStore } from '../../src/storage/hook-store.ts';
import { aHook } from '../support/factories.ts';
import { aContext, anEvent } from '../support/http-event.ts';
import { openApi } from '../support/open-api.ts';
import type { Fate, FaultyStore } from '../support/open-faulty-store.ts';
import { aMessage } from '../support/open-syncs.ts';
import { aRecord } from '../support/sqs-record.ts';
import { runFunction } from './run-function.ts';
import { BEGIN, type Scenario } from './scenario.ts';
import type { WatchedStage } from './watched-stage.ts';

const MESSAGE = JSON.stringify(aMessage());
const bug = (): Promise<never> => Promise.reject(new TypeError('x is not a function'));

interface Handed {
  body?: string;
  /** Of so many tenants. */
  messages?: number;
  work: (receive: number) => Promise<void>;
}

/** Has a queue hand messages to its real handler as often as it does, and tells how many are in the dead letters in the end. */
export async function handOver(stage: WatchedStage, queue: QueueName, begin: number, given: Handed): Promise<void> {
  const { consumer, maxReceiveCount, visibilitySeconds } = QUEUES[queue];
  const letters: number[] = [];
  for (let message = 0; message < (given.messages ?? 1); message++) {
    let minute = begin;
    for (let receive = 1, isBack = true; isBack && receive <= maxReceiveCount; receive++) {
      const handler = queueHandler(queue, syncMessageSchema, () => given.work(receive), {
        deadLetters: () => ({ send: () => Promise.resolve(void letters.push(minute)) }),
      });
      const event = { Records: [aRecord(given.body ?? MESSAGE, receive)] };
      const answer = await runFunction(stage, consumer, minute, () => handler(event, aContext));
      isBack = answer?.batchItemFailures.length !== 0;
      minute += visibilitySeconds / 60;
    }
  }
  const last = Math.max(...letters);
  const deadLetters = queue === 'sync' ? '"SyncQueueDeadLetters' : '"FollowupsQueueDeadLetters';
  for (let later = last; later < last + 60; later += 5)
    stage.tell('ApproximateNumberOfMessagesVisible', deadLetters, later, letters.length);
}

/** Asks a route behind the real handler, whose work ends in this. */
export async function ask(stage: WatchedStage, minute: number, error?: Error): Promise<void> {
  const api = openApi();
  const apiKey = api.keyOf['owner'] ?? '';
  const act = () => (error ? Promise.reject(error) : Promise.resolve());
  const answer = await runFunction(stage, 'api-write', minute, () =>
    api.answer('sendCampaign', { apiKey, params: { id: 'cmp_0123456789abcdef' } }, { act }),
  );
  stage.answered(answer?.status ?? 500, minute);
}

/** Has Mailchimp deliver an opt-out to the real handler. @param fate what becomes of calls of the store */
export async function deliver(stage: WatchedStage, store: FaultyStore, minute: number, fate: Fate): Promise<void> {
  const secret = 'own-secret';
  const hook = { ...aHook(secret, { signingSecret: null }), secretHash: sha256(secret) };
  await makeHookStore(store.table).put(hook);
  store.fate = () => fate;
  const event = {
    ...anEvent({ routeKey: `POST ${WEBHOOK_PATH}` }),
    rawPath: `${WEBHOOK_PATH}/${hook.hookId}/`,
    queryStringParameters: { secret },
    body: 'type=unsubscribe&fired_at=2026-09-21 05:59:00&data[email]=mona@harborlane.test',
  };
  const answer = await runFunction(stage, 'webhook', minute, () => receiveWebhook(event, aContext));
  store.fate = () => 'fine';
  stage.answered(Number(answer?.statusCode), minute, 'webhook');
}

const refusedAt =
  (...minutes: number[]): Scenario['happen'] =>
  async (stage, store) => {
    for (const minute of minutes) await deliver(stage, store, BEGIN + minute, 'fail');
  };

/** What goes wrong inside of our functions, which all answer as if nothing had. */
export const FAILING_HANDLERS: readonly Scenario[] = [
  {
    when: 'every sync of ten tenants meets a bug',
    happen: (stage) => handOver(stage, 'sync', BEGIN, { messages: 10, work: bug }),
    rings: { ErrorRate: 15, SyncDeadLetters: 20 },
  },
  {
    when: 'three of a thousand syncs meet a bug',
    happen: async (stage) => {
      await handOver(stage, 'sync', BEGIN, { messages: 3, work: bug });
      stage.own('Messages', { queue: 'sync', outcome: 'done' }, BEGIN, 1_000);
      stage.own('Messages', { queue: 'sync', outcome: 'done' }, BEGIN + 6, 1_000);
    },
    rings: { SyncDeadLetters: 20 },
  },
  {
    when: 'the rest of three sends meets a bug',
    happen: (stage) => handOver(stage, 'followups', BEGIN, { messages: 3, work: bug }),
    rings: { ErrorRate: 15, FollowupsDeadLetters: 20 },
  },
  {
    when: 'a sync fails once and goes well the second time',
    happen: (stage) =>
      handOver(stage, 'sync', BEGIN, { messages: 10, work: (receive) => (receive === 1 ? bug() : Promise.resolve()) }),
    rings: {},
  },
  {
    when: 'somebody sends a message that nobody can read',
    happen: (stage) => handOver(stage, 'followups', BEGIN, { body: 'x', work: () => Promise.resolve() }),
    rings: { FollowupsDeadLetters: 10 },
  },
  {
    when: 'one request meets a bug',
    happen: (stage) => ask(stage, BEGIN, new TypeError('x is not a function')),
    rings: { InternalErrors: 5 },
  },
  {
    when: 'the store is away, and twelve requests are refused in each five minutes',
    happen: async (stage) => {
      for (let request = 0; request < 36; request++)
        await ask(stage, BEGIN + (request * 15) / 36, new AppError('service_unavailable', 'A store did not answer.'));
    },
    rings: { ApiServerErrors: 15 },
  },
  {
    when: 'a request is refused now and then because the store or the vendor is away',
    happen: async (stage) => {
      for (const minute of [0, 20, 90]) await ask(stage, BEGIN + minute, new AppError('service_unavailable', 'Away.'));
      for (const minute of [5, 95]) await ask(stage, BEGIN + minute, new AppError('vendor_unavailable', 'Away.'));
    },
    rings: {},
  },
  {
    when: 'the one opt-out of the day is refused for as long as Mailchimp repeats it',
    happen: refusedAt(0, 1, 5, 15, 30, 60, 75),
    rings: { WebhooksRefused: 15, WebhookServerErrors: 15 },
  },
  {
    when: 'it is repeated only once before Mailchimp would give up',
    happen: refusedAt(0, 45),
    rings: { WebhooksRefused: 50, WebhookServerErrors: 50 },
  },
  {
    when: 'an opt-out is refused once, and heard when it is repeated',
    happen: async (stage, store) => {
      await deliver(stage, store, BEGIN, 'fail');
      await deliver(stage, store, BEGIN + 1, 'fine');
    },
    rings: {},
  },
];
