import { ROUTES } from '../../src/contract/routes.ts';
import { runAll } from '../../src/core/shared/run-all.ts';
import { DAY, toDate } from '../../src/core/shared/clock.ts';
import { countDrift } from '../../src/core/suppression/drift.ts';
import { summarizeActivity } from '../../src/core/webhook/hook-activity.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { handle, ok } from '../shared/route-handler.ts';
import type { PlatformId } from '../../src/core/shared/platform-id.ts';

const QUERIES_AT_ONCE = 16;

/** The hook of every living audience and what was delivered to it; two queries for each. An audience without one is shown as missing. */
export async function readWebhooks(
  app: Pick<StorageApp, 'clock' | 'audiences' | 'hooks' | 'hookActivity' | 'untold'>,
  tenantId: string,
  platform: PlatformId,
) {
  const [audiences, hooks] = await Promise.all([app.audiences.list(tenantId, platform), app.hooks.list(tenantId, platform)]);
  const living = audiences.filter(({ vanishedAt }) => vanishedAt === null);
  const items = await runAll(living, QUERIES_AT_ONCE, async (audience) => {
    const now = app.clock.now();
    const activity = summarizeActivity(await app.hookActivity.recent(tenantId, audience.id), now);
    const drift = await countDrift(app.untold.each(tenantId, audience.id), toDate(now - 6 * DAY), now);
    const own = hooks.filter((hook) => hook.audienceId === audience.id);
    const hook = own.find(({ status }) => status === 'active') ?? own[0];
    return {
      audienceId: audience.id,
      audienceName: audience.name,
      hookId: hook?.hookId ?? null,
      status: hook?.status === 'active' || hook?.status === 'pending' ? hook.status : ('missing' as const),
      signed: typeof hook?.signingSecret === 'string',
      registeredAt: hook?.createdAt ?? null,
      lastDeliveryAt: activity.lastDeliveryAt,
      lastRejectionAt: activity.lastRejectionAt,
      deliveries7d: activity.deliveries7d,
      rejections7d: activity.rejections7d,
      missed7d: drift.missed,
    };
  });
  return { expected: items.length, active: items.filter(({ status }) => status === 'active').length, items };
}

export const listWebhooks = handle(ROUTES.listWebhooks, async ({ params, caller }, app: StorageApp) =>
  ok(await readWebhooks(app, caller.tenantId, params.platform)),
);
