import { ROUTES } from '../../src/contract/routes.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { pageOfAll } from '../shared/page-of-all.ts';
import { presentAutomation } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

const NOTE =
  'Classic automations only. Mailchimp offers no API that lists customer journeys (automation flows) or reports on them.';

export const listAutomations = handle(ROUTES.listAutomations, async ({ query, caller }, app: StorageApp) => {
  const all = await Promise.all(app.platforms.map((platform) => app.automations.list(caller.tenantId, platform)));
  return ok({
    ...(await pageOfAll(app.cursors, caller.tenantId, 'automations', all.flat(), presentAutomation, query)),
    note: NOTE,
  });
});
