import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { logicalId } from '../../lib/logical-id.ts';

import { RULE_NAMES } from '../../src/contract/rule-silence.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import { openFaultyStore, type FaultyStore } from '../support/open-faulty-store.ts';
import { ask, deliver, FAILING_HANDLERS, handOver } from './failing-handlers.ts';
import { FAILING_NEIGHBOURS } from './failing-neighbours.ts';
import { BEGIN, HOURS_LOOKED_AT } from './scenario.ts';
import { ALARM_NAMES, at, WatchedStage } from './watched-stage.ts';

let store: FaultyStore;
beforeAll(async () => {
  store = await openFaultyStore();
});
afterAll(() => store.close());

const SCENARIOS = [...FAILING_HANDLERS, ...FAILING_NEIGHBOURS];

describe('of all the alarms of a stage', () => {
  it.each(SCENARIOS.map((scenario) => ({ ...scenario, which: Object.keys(scenario.rings).join(', ') || 'none' })))(
    'when $when, there rings: $which',
    async ({ happen, rings }) => {
      const stage = new WatchedStage();
      stage.fireRules();
      await happen(stage, store);
      const begin = 'SyncNotBegunByEight' in rings ? at(7, 30) : 'SyncEndedAfterEight' in rings ? at(8) : BEGIN;
      const rung = stage.ringing(begin, begin + HOURS_LOOKED_AT * 60);
      expect(Object.keys(rung).sort()).toEqual(Object.keys(rings).sort());
      const late = Object.entries(rung).filter(([name, minute]) => minute - begin > (rings[name] ?? 0));
      expect(late).toEqual([]);
    },
  );

  it('each has something that makes it ring', () => {
    const silent = RULE_NAMES.map((name) => `${logicalId(name)}Silent`);
    expect(new Set([...SCENARIOS.flatMap(({ rings }) => Object.keys(rings)), ...silent])).toEqual(new Set(ALARM_NAMES));
  });

  it('none rings on a day on which there is always something, and nothing is the matter', async () => {
    const stage = new WatchedStage();
    stage.fireRules();
    stage.lambda('sync-worker', 'Throttles', at(4), 3);
    for (const hour of [0, 4, 5, 6, 7, 12, 18]) {
      // Ten tenants; the worker of one of them loses its table for a moment.
      await handOver(stage, 'sync', at(hour, 30), { messages: 9, work: () => Promise.resolve() });
      await handOver(stage, 'sync', at(hour, 30), {
        work: (receive) =>
          receive === 1 ? Promise.reject(new AppError('service_unavailable', 'A store did not answer.')) : Promise.resolve(),
      });
      stage.tell('ApproximateAgeOfOldestMessage', '"SyncQueue', at(hour, 31), 60);
      stage.own('VendorCalls', { platform: 'mailchimp', outcome: 'ok' }, at(hour, 31), 200);
      stage.own('VendorCalls', { platform: 'mailchimp', outcome: 'rate_limited' }, at(hour, 31), 40);
      stage.tell('WriteThrottleEvents', '"GSI1"', at(hour, 31), 40);
    }
    for (let hour = 8; hour < 18; hour++) {
      for (const minute of [1, 2, 20]) await ask(stage, at(hour, minute));
      await ask(stage, at(hour, 21), new AppError('not_found', 'There is no such campaign.'));
      await ask(stage, at(hour, 40), new AppError('vendor_unavailable', 'Mailchimp did not answer.'));
      await handOver(stage, 'followups', at(hour, 3), { work: () => Promise.resolve() });
      await deliver(stage, store, at(hour, 50), 'fine');
    }
    await deliver(stage, store, at(11), 'fail');
    await deliver(stage, store, at(11, 1), 'fine');
    stage.own('ConnectionsLost', { reason: 'invalid_token' }, at(9));
    stage.own('RunsEndedAfterEight', {}, at(8, 3), 2);
    expect(stage.ringing(at(-1), at(24))).toEqual({});
  });
});
