import type { PlatformId } from '../../src/core/email-platform/email-platform.ts';
import { ROUTES } from '../../src/contract/routes.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** The hook of every living audience; an audience without one is shown as missing. */
export async function readWebhooks(app: Pick<StorageApp, 'audiences' | 'hooks'>, tenantId: string, platform: PlatformId) {
  const [audiences, hooks] = await Promise.all([app.audiences.list(tenantId, platform), app.hooks.list(tenantId, platform)]);
  const items = await Promise.all(
    audiences
      .filter(({ vanishedAt }) => vanishedAt === null)
      .map(async (audience) => {
        const own = hooks.filter((hook) => hook.audienceId === audience.id);
        const hook = own.find(({ status }) => status === 'active') ?? own[0];
        return {
          audienceId: audience.id,
          audienceName: audience.name,
          hookId: hook?.hookId ?? null,
          status: hook?.status === 'active' || hook?.status === 'pending' ? hook.status : ('missing' as const),
          signed: typeof hook?.signingSecret === 'string',
          registeredAt: hook?.createdAt ?? null,
          lastDeliveryAt: hook ? await app.hooks.lastDelivery(tenantId, hook.hookId) : null,
        };
      }),
  );
  return { expected: items.length, active: items.filter(({ status }) => status === 'active').length, items };
}

export const listWebhooks = handle(ROUTES.listWebhooks, async ({ params, caller }, app: StorageApp) =>
  ok(await readWebhooks(app, caller.tenantId, params.platform)),
);
