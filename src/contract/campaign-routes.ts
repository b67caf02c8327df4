import * as z from 'zod';
import type { ErrorCode } from '../core/shared/errors.ts';
import { idSchema } from '../core/shared/ids.ts';
import { campaignSchema, createCampaignBody, editCampaignBody, preflightAnswer, testBody } from './campaign.ts';
import { pageOf, pageQuery } from './common.ts';
import { KEYED, NEEDS_VENDOR, READERS, SENDERS, WRITERS, type Route } from './route.ts';

const campaignPath = z.object({ id: idSchema('campaign') });
const DRAFTING = [
  ...NEEDS_VENDOR,
  'list_not_found',
  'template_not_found',
  'api_endpoint_error',
  'vendor_rejected',
  'other_account',
] as const satisfies readonly ErrorCode[];
const SENDING = [
  ...DRAFTING,
  'sender_unverified',
  'audience_empty',
  'campaign_not_ready',
  'plan_lacks_feature',
  'deleted_at_vendor',
] as const satisfies readonly ErrorCode[];

export const campaignRoutes = {
  createCampaign: {
    method: 'POST',
    path: '/v1/campaigns',
    fn: 'api-write',
    roles: WRITERS,
    summary: 'Draft a campaign, or send it now',
    body: createCampaignBody,
    idempotent: true,
    audit: 'campaign.sent',
    // A draft mails nobody.
    auditIf: z.looseObject({ action: z.literal('send') }),
    answer: { status: 201, schema: campaignSchema },
    errors: [...DRAFTING, 'choose_a_platform', 'platform_mismatch', ...KEYED],
  },
  listCampaigns: {
    method: 'GET',
    path: '/v1/campaigns',
    fn: 'api-read',
    roles: READERS,
    summary: 'Campaigns, newest first',
    query: z.strictObject({ ...pageQuery, status: z.enum(['draft', 'sending', 'sent', 'error']).optional() }),
    answer: { status: 200, schema: pageOf(campaignSchema) },
    errors: ['invalid_cursor'],
  },
  getCampaign: {
    method: 'GET',
    path: '/v1/campaigns/{id}',
    fn: 'api-read',
    roles: READERS,
    summary: 'One campaign',
    params: campaignPath,
    answer: { status: 200, schema: campaignSchema },
    errors: [],
  },
  editCampaign: {
    method: 'PATCH',
    path: '/v1/campaigns/{id}',
    fn: 'api-write',
    roles: WRITERS,
    summary: 'Change a draft',
    params: campaignPath,
    body: editCampaignBody,
    answer: { status: 200, schema: campaignSchema },
    errors: [...DRAFTING, 'campaign_not_editable', 'deleted_at_vendor'],
  },
  deleteCampaign: {
    method: 'DELETE',
    path: '/v1/campaigns/{id}',
    fn: 'api-write',
    roles: WRITERS,
    summary: 'Delete a draft here and at the platform',
    params: campaignPath,
    audit: 'campaign.deleted',
    answer: { status: 204, schema: null },
    errors: [...NEEDS_VENDOR, 'campaign_not_editable'],
  },
  sendCampaign: {
    method: 'POST',
    path: '/v1/campaigns/{id}/send',
    fn: 'api-write',
    roles: SENDERS,
    summary: 'Send a draft, once',
    params: campaignPath,
    idempotent: true,
    audit: 'campaign.sent',
    answer: { status: 200, schema: campaignSchema },
    errors: [...SENDING, ...KEYED],
  },
  testCampaign: {
    method: 'POST',
    path: '/v1/campaigns/{id}/test',
    fn: 'api-write',
    roles: WRITERS,
    summary: 'Send a test to named addresses',
    params: campaignPath,
    body: testBody,
    idempotent: true,
    audit: 'campaign.tested',
    answer: { status: 204, schema: null },
    errors: [...SENDING, 'recipient_suppressed', 'campaign_not_editable', ...KEYED],
  },
  preflightCampaign: {
    method: 'POST',
    path: '/v1/campaigns/{id}/preflight',
    fn: 'api-write',
    roles: WRITERS,
    summary: 'What would stop this campaign from being sent',
    params: campaignPath,
    answer: { status: 200, schema: preflightAnswer },
    errors: [...NEEDS_VENDOR, 'other_account'],
  },
  duplicateCampaign: {
    method: 'POST',
    path: '/v1/campaigns/{id}/duplicate',
    fn: 'api-write',
    roles: WRITERS,
    summary: 'Make a new draft of any campaign',
    params: campaignPath,
    answer: { status: 201, schema: campaignSchema },
    errors: [...DRAFTING],
  },
} as const satisfies Record<string, Route>;
