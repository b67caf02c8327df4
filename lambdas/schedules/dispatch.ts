import middy from '@middy/core';
import * as z from 'zod';
import { SYNC_TASKS } from '../../src/contract/manifest.ts';
import { dispatchSyncs } from '../../src/core/sync/dispatch-syncs.ts';
import { composeQueues } from '../shared/compose-queues.ts';
import { composeStorage } from '../shared/compose-storage.ts';
import { PLATFORM_IDS } from '../../src/core/shared/platform-id.ts';
import { observed } from '../shared/observed.ts';

const scheduleEvent = z.object({ rule: z.string(), task: z.enum(SYNC_TASKS), time: z.iso.datetime() });

let app: (ReturnType<typeof composeStorage> & ReturnType<typeof composeQueues>) | undefined;

const dispatch = middy<unknown, { dispatched: number }>().handler(async (event) => {
  app ??= { ...composeStorage(), ...composeQueues() };
  const { task, time } = scheduleEvent.parse(event);
  let dispatched = 0;
  for (const platform of PLATFORM_IDS) dispatched += await dispatchSyncs(app, { platform, task, time });
  return { dispatched };
});

/** What a rule starts: one message per connected tenant. Repeating it makes the same runs. */
export const handler = observed(dispatch, () => undefined);
