/** What is sent or answered where the published types have no name for it, and why. */
interface Untyped {
  readonly untyped: string;
}

/** `null` is no body at all, which of an answer means 204. */
export interface RouteTypes {
  readonly answer: string | Untyped | null;
  /** Of the routes that take a body. */
  readonly request?: string | Untyped | null;
}

const noNamespace = (name: string): Untyped => ({ untyped: `the types have no namespace ${name}` });
const noFunction = (name: string): Untyped => ({ untyped: `the types have no function ${name}, nor what it takes and gives` });

const root = noNamespace('root');
const login = { untyped: 'the login host is no part of the client library' };
const reports = noNamespace('reports');
const templates = noNamespace('templates');
const automations = noNamespace('automations');
const domains = noNamespace('verifiedDomains');
const webhooks = noFunction('lists.createListWebhook and its like');
const segments = noFunction('lists.listSegments and its like');
const interests = noFunction('lists.createListInterestCategory and its like');
const abuse = noFunction('lists.getListAbuseReports');

/**
 * The published type of every answer and of every body that is sent, by method and route. Answers that are errors are
 * `ErrorResponse` whatever the route.
 */
export const ROUTE_TYPES: Readonly<Record<string, RouteTypes>> = {
  'GET /oauth2/authorize': { answer: login },
  'POST /oauth2/authorize': { answer: login, request: login },
  'POST /oauth2/token': { answer: login, request: login },
  'POST /oauth2/revoke': { answer: login, request: login },
  'GET /oauth2/metadata': { answer: login },

  'GET /3.0/': { answer: root },
  'GET /3.0/ping': { answer: 'ping.APIHealthStatus' },
  'GET /3.0/authorized-apps': { answer: noNamespace('authorizedApps') },
  'GET /3.0/search-members': { answer: 'searchMembers.SearchMembersSuccessResponse' },

  'GET /3.0/lists': { answer: 'lists.ListsSuccessResponse' },
  'POST /3.0/lists': { answer: 'lists.List', request: noFunction('lists.createList') },
  'GET /3.0/lists/{list_id}': { answer: 'lists.List' },
  'POST /3.0/lists/{list_id}': { answer: 'lists.BatchListMembersResponse', request: 'lists.BatchListMembersBody' },
  'PATCH /3.0/lists/{list_id}': { answer: 'lists.List', request: noFunction('lists.updateList') },
  'DELETE /3.0/lists/{list_id}': { answer: null },
  'GET /3.0/lists/{list_id}/abuse-reports': { answer: abuse },
  'GET /3.0/lists/{list_id}/abuse-reports/{report_id}': { answer: abuse },
  'GET /3.0/lists/{list_id}/activity': { answer: noFunction('lists.getListRecentActivity') },
  'GET /3.0/lists/{list_id}/growth-history': { answer: noFunction('lists.getListGrowthHistory') },
  'GET /3.0/lists/{list_id}/interest-categories': { answer: 'lists.GetListInterestCategoriesResponse' },
  'POST /3.0/lists/{list_id}/interest-categories': { answer: interests, request: interests },
  'GET /3.0/lists/{list_id}/interest-categories/{interest_category_id}': { answer: interests },
  'GET /3.0/lists/{list_id}/interest-categories/{interest_category_id}/interests': {
    answer: 'lists.ListInterestCategoryInterestsResponse',
  },
  'POST /3.0/lists/{list_id}/interest-categories/{interest_category_id}/interests': {
    answer: 'lists.Interest',
    request: interests,
  },
  'GET /3.0/lists/{list_id}/merge-fields': { answer: 'lists.MergeFieldSuccessResponse' },
  'GET /3.0/lists/{list_id}/segments': { answer: segments },
  'POST /3.0/lists/{list_id}/segments': { answer: segments, request: segments },
  'GET /3.0/lists/{list_id}/segments/{segment_id}': { answer: segments },
  'PATCH /3.0/lists/{list_id}/segments/{segment_id}': { answer: segments, request: segments },
  'DELETE /3.0/lists/{list_id}/segments/{segment_id}': { answer: null },
  'POST /3.0/lists/{list_id}/segments/{segment_id}': { answer: segments, request: segments },
  'GET /3.0/lists/{list_id}/segments/{segment_id}/members': { answer: segments },
  'GET /3.0/lists/{list_id}/members/{subscriber_hash}/tags': { answer: 'lists.ListMemberTagsResponse' },
  'POST /3.0/lists/{list_id}/members/{subscriber_hash}/tags': { answer: null, request: 'lists.MemberTagsBody' },
  'GET /3.0/lists/{list_id}/tag-search': { answer: noFunction('lists.tagSearch') },

  'GET /3.0/lists/{list_id}/members': { answer: 'lists.ListMembersInfoSuccessResponse' },
  'POST /3.0/lists/{list_id}/members': { answer: 'lists.MembersSuccessResponse', request: 'lists.AddListMemberBody' },
  'GET /3.0/lists/{list_id}/members/{subscriber_hash}': { answer: 'lists.MembersSuccessResponse' },
  'PUT /3.0/lists/{list_id}/members/{subscriber_hash}': {
    answer: 'lists.MembersSuccessResponse',
    request: 'lists.SetListMemberBody',
  },
  'PATCH /3.0/lists/{list_id}/members/{subscriber_hash}': {
    answer: 'lists.MembersSuccessResponse',
    request: 'lists.UpdateListMemberBody',
  },
  'DELETE /3.0/lists/{list_id}/members/{subscriber_hash}': { answer: null },
  'POST /3.0/lists/{list_id}/members/{subscriber_hash}/actions/delete-permanent': { answer: null, request: null },

  'GET /3.0/lists/{list_id}/webhooks': { answer: webhooks },
  'POST /3.0/lists/{list_id}/webhooks': { answer: webhooks, request: webhooks },
  'GET /3.0/lists/{list_id}/webhooks/{webhook_id}': { answer: webhooks },
  'PATCH /3.0/lists/{list_id}/webhooks/{webhook_id}': { answer: webhooks, request: webhooks },
  'DELETE /3.0/lists/{list_id}/webhooks/{webhook_id}': { answer: null },

  'GET /3.0/campaigns': { answer: 'campaigns.CampaignsSuccessResponse' },
  'POST /3.0/campaigns': { answer: 'campaigns.Campaigns', request: 'campaigns.CreateCampaignParameters' },
  'GET /3.0/campaigns/{campaign_id}': { answer: 'campaigns.Campaigns' },
  'PATCH /3.0/campaigns/{campaign_id}': { answer: 'campaigns.Campaigns', request: noFunction('campaigns.update') },
  'DELETE /3.0/campaigns/{campaign_id}': { answer: null },
  'GET /3.0/campaigns/{campaign_id}/send-checklist': { answer: 'campaigns.SendChecklist' },
  'GET /3.0/campaigns/{campaign_id}/content': { answer: 'campaigns.CampaignContentSuccessResponse' },
  'PUT /3.0/campaigns/{campaign_id}/content': {
    answer: 'campaigns.CampaignContentSuccessResponse',
    request: 'campaigns.SetContentParams',
  },
  'POST /3.0/campaigns/{campaign_id}/actions/send': { answer: null, request: null },
  'POST /3.0/campaigns/{campaign_id}/actions/test': { answer: null, request: noFunction('campaigns.sendTestEmail') },
  'POST /3.0/campaigns/{campaign_id}/actions/schedule': { answer: null, request: noFunction('campaigns.schedule') },
  'POST /3.0/campaigns/{campaign_id}/actions/unschedule': { answer: null, request: null },
  'POST /3.0/campaigns/{campaign_id}/actions/replicate': { answer: 'campaigns.Campaigns', request: null },
  'POST /3.0/campaigns/{campaign_id}/actions/cancel-send': { answer: null, request: null },
  'POST /3.0/campaigns/{campaign_id}/actions/pause': { answer: null, request: null },
  'POST /3.0/campaigns/{campaign_id}/actions/resume': { answer: null, request: null },

  'GET /3.0/reports': { answer: reports },
  'GET /3.0/reports/{campaign_id}': { answer: reports },
  'GET /3.0/reports/{campaign_id}/unsubscribed': { answer: reports },
  'GET /3.0/reports/{campaign_id}/abuse-reports': { answer: reports },
  'GET /3.0/reports/{campaign_id}/sent-to': { answer: reports },
  'GET /3.0/reports/{campaign_id}/open-details': { answer: reports },
  'GET /3.0/reports/{campaign_id}/click-details': { answer: reports },
  'GET /3.0/reports/{campaign_id}/email-activity': { answer: reports },

  'GET /3.0/templates': { answer: templates },
  'GET /3.0/templates/{template_id}': { answer: templates },
  'GET /3.0/templates/{template_id}/default-content': { answer: templates },

  'GET /3.0/automations': { answer: automations },
  'GET /3.0/automations/{workflow_id}': { answer: automations },
  'GET /3.0/automations/{workflow_id}/emails': { answer: automations },
  'GET /3.0/automations/{workflow_id}/emails/{workflow_email_id}': { answer: automations },

  'GET /3.0/verified-domains': { answer: domains },
  'POST /3.0/verified-domains': { answer: domains, request: domains },
  'GET /3.0/verified-domains/{domain_name}': { answer: domains },
  'DELETE /3.0/verified-domains/{domain_name}': { answer: null },
  'POST /3.0/verified-domains/{domain_name}/actions/verify': { answer: domains, request: domains },
};
