import { SENDERS, type Route } from '../../src/contract/route.ts';
import { ROUTES } from '../../src/contract/routes.ts';
import { draftCampaign } from '../../src/core/campaign/draft-campaign.ts';
import { sendCampaign } from '../../src/core/campaign/send-campaign.ts';
import { SECOND } from '../../src/core/shared/clock.ts';
import { AppError, isAppError } from '../../src/core/shared/app-error.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { sendNote } from '../shared/audit-facts.ts';
import { presentCampaign } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** A request ends at 30 s; what is not done by then goes on in the queue. */
const WORK_WITHIN_MS = 20 * SECOND;

const senders: NonNullable<Route['roles']> = SENDERS;

/** A send that fails after the draft exists is still a campaign: 201 with its error, to be mended and sent again. */
export const createCampaign = handle(ROUTES.createCampaign, async ({ body, caller, call }, app: VendorApp) => {
  const { action, ...input } = body;
  if (action === 'send' && !senders.includes(caller.role))
    throw new AppError('forbidden', `The role ${caller.role} may draft but not send.`);
  const until = app.clock.now() + WORK_WITHIN_MS;
  const draft = await draftCampaign(app, caller.tenantId, input, { until, operation: call.operation });
  // A repetition of a request whose send came to nothing is not a person's new wish to send.
  const isSettled = call.operation?.isRepeat === true && draft.error?.code === 'send_not_started';
  if (action === 'draft' || isSettled) return ok(presentCampaign(draft), 201);
  call.audit.tell({ target: { type: 'campaign', id: draft.id } });
  try {
    const campaign = await sendCampaign(app, caller.tenantId, draft.id, until);
    call.audit.tell(sendNote(campaign));
    return ok(presentCampaign(campaign), 201);
  } catch (error) {
    if (!isAppError(error)) throw error;
    const current = await app.campaigns.get(caller.tenantId, draft.id);
    if (!current) throw error;
    call.audit.tell({ ...sendNote(current), error: error.code });
    return ok(presentCampaign(current), 201);
  }
});
