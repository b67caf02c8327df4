import { logicalId } from '../../lib/logical-id.ts';
import { FUNCTION_NAMES } from '../../src/contract/manifest.ts';
import { log } from '../../src/runtime/logger.ts';
import { flushMetrics } from '../../src/runtime/metrics.ts';
import { runFunction } from './run-function.ts';
import { BEGIN, type Scenario } from './scenario.ts';
import { at, type WatchedStage } from './watched-stage.ts';

/** Something that AWS or our functions count, for as long as it lasts. */
const told = (tell: (stage: WatchedStage, minute: number) => void, begin: number, minutes: number): Scenario['happen'] => {
  return (stage) => {
    for (let minute = begin; minute < begin + minutes; minute++) tell(stage, minute);
    return Promise.resolve();
  };
};
const DEAD = 'ApproximateNumberOfMessagesVisible';
const AGE = 'ApproximateAgeOfOldestMessage';

/** What goes wrong around our functions, or is counted by them one by one. */
export const FAILING_NEIGHBOURS: readonly Scenario[] = [
  ...FUNCTION_NAMES.map((name) => ({
    when: `Lambda ends an invocation of ${name}`,
    happen: told((stage, minute) => stage.lambda(name, 'Errors', minute), BEGIN, 1),
    rings: { [`${logicalId(name)}Errors`]: 5 },
  })),
  {
    when: 'the dispatcher fails on a schedule every time',
    happen: told((stage, minute) => stage.tell(DEAD, '"SchedulesDeadLetters', minute), BEGIN, 60),
    rings: { ScheduleDeadLetters: 5 },
  },
  {
    when: 'the oldest sync has waited for over an hour',
    happen: told((stage, minute) => stage.tell(AGE, '"SyncQueue', minute, 3_700), BEGIN, 30),
    rings: { SyncQueueLate: 10 },
  },
  {
    when: 'the oldest follow-up has waited for over half an hour',
    happen: told((stage, minute) => stage.tell(AGE, '"FollowupsQueue', minute, 1_900), BEGIN, 30),
    rings: { FollowupsQueueLate: 10 },
  },
  {
    when: 'the account is at its concurrency limit, and syncs are refused',
    happen: told((stage, minute) => stage.lambda('sync-worker', 'Throttles', minute, 3), BEGIN, 15),
    rings: { Throttles: 15 },
  },
  {
    // The row of the game day in docs/operations.md: every ten seconds for twelve minutes.
    when: 'the webhook is throttled in a stage where nobody calls but for a loop of curl',
    happen: (stage) => {
      for (let call = 0; call < 72; call++) {
        stage.lambda('webhook', 'Throttles', BEGIN + call / 6);
        stage.answered(503, BEGIN + call / 6, 'webhook');
      }
      return Promise.resolve();
    },
    rings: { Throttles: 15, WebhooksRefused: 15, WebhookServerErrors: 15, ApiServerErrors: 15 },
  },
  {
    when: 'the table is throttled for a quarter of an hour',
    happen: told((stage, minute) => stage.tell('WriteThrottleEvents', '"GSI1"', minute, 30), BEGIN, 15),
    rings: { TableThrottles: 15 },
  },
  {
    when: 'nobody can tell what became of a send',
    happen: told((stage, minute) => stage.own('SendsStillUnknown', {}, minute), BEGIN, 1),
    rings: { SendsUnknown: 30 },
  },
  {
    when: 'ten tenants lose their connection within twenty minutes',
    happen: (stage) => {
      for (let tenant = 0; tenant < 10; tenant++)
        stage.own('ConnectionsLost', { reason: tenant % 2 ? 'invalid_token' : 'account_disabled' }, BEGIN + 2 * tenant);
      return Promise.resolve();
    },
    rings: { ConnectionsLost: 60 },
  },
  {
    when: 'a third of the calls of Mailchimp are refused for twenty minutes',
    happen: told(
      (stage, minute) => {
        stage.own('VendorCalls', { platform: 'mailchimp', outcome: 'ok' }, minute, 20);
        stage.own('VendorCalls', { platform: 'mailchimp', outcome: 'rate_limited' }, minute, 10);
      },
      BEGIN,
      20,
    ),
    rings: { VendorRefuses: 20 },
  },
  {
    when: 'a sync that was queued at 07:30 has not begun at 07:55',
    happen: told((stage, minute) => stage.tell(AGE, '"SyncQueue', minute, (minute - at(7, 30)) * 60), at(7, 30), 31),
    rings: { SyncNotBegunByEight: 30 },
  },
  {
    when: 'ten runs that were due by 08:00 end later',
    happen: told((stage, minute) => stage.own('RunsEndedAfterEight', {}, minute), at(8, 1), 10),
    rings: { SyncEndedAfterEight: 60 },
  },
  {
    when: 'an address is handed to the logger',
    happen: async (stage) => {
      await runFunction(stage, 'api-read', BEGIN, () => {
        log.info('http.answered', { route: 'GET /v1/contacts/mona@harborlane.test', status: 200 });
        flushMetrics();
        return Promise.resolve();
      });
    },
    rings: { LogFieldsDropped: 60 },
  },
];
