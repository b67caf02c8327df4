import { ROUTES } from '../../src/contract/routes.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { pageOfAll } from '../shared/page-of-all.ts';
import { presentAutomation } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** In the vendor's own words, so that nobody looks for what is not there. */
const NOTE =
  'Classic automations only: customer journeys (automation flows) have no API. Mailchimp’s reference of the Automations resource says: ' +
  '“Use the API to manage Automation workflows, emails, and queues. Does not include Customer Journeys.” ' +
  'See https://mailchimp.com/developer/marketing/api/automation/ .';

export const listAutomations = handle(ROUTES.listAutomations, async ({ query, caller }, app: StorageApp) => {
  const all = await Promise.all(app.platforms.map((platform) => app.automations.list(caller.tenantId, platform)));
  return ok({
    ...(await pageOfAll(app.cursors, caller.tenantId, 'automations', all.flat(), presentAutomation, query)),
    note: NOTE,
  });
});
