import type { RoutesOf } from '../../src/contract/routes.ts';
import { composeVendor, type VendorApp } from '../shared/compose-vendor.ts';
import { withPeople } from '../shared/compose-people.ts';
import { httpHandler } from '../shared/http-handler.ts';
import type { RouteHandler } from '../shared/route-handler.ts';
import { addSuppression } from './add-suppression.ts';
import { cancelSync } from './cancel-sync.ts';
import { createApiKey } from './create-api-key.ts';
import { createCampaign } from './create-campaign.ts';
import { deleteCampaign } from './delete-campaign.ts';
import { duplicateCampaign } from './duplicate-campaign.ts';
import { editCampaign } from './edit-campaign.ts';
import { getSender } from './get-sender.ts';
import { importSuppressions } from './import-suppressions.ts';
import { liftSuppression } from './lift-suppression.ts';
import { preflightCampaign } from './preflight-campaign.ts';
import { pushSuppressions } from './push-suppressions.ts';
import { putSettings } from './put-settings.ts';
import { refreshAudiences } from './refresh-audiences.ts';
import { refreshMetrics } from './refresh-metrics.ts';
import { revokeApiKey } from './revoke-api-key.ts';
import { sendCampaign } from './send-campaign.ts';
import { startSync } from './start-sync.ts';
import { undoSend } from './undo-send.ts';
import { testCampaign } from './test-campaign.ts';

/** A route of this function without a handler does not compile. */
const handlers: Record<RoutesOf<'api-write'>, RouteHandler<VendorApp>> = {
  putSettings,
  getSender,
  refreshAudiences,
  createCampaign,
  editCampaign,
  deleteCampaign,
  sendCampaign,
  undoSend,
  testCampaign,
  preflightCampaign,
  duplicateCampaign,
  refreshMetrics,
  addSuppression,
  importSuppressions,
  liftSuppression,
  pushSuppressions,
  startSync,
  cancelSync,
  createApiKey,
  revokeApiKey,
};

export const handler = httpHandler(handlers, withPeople(composeVendor));
