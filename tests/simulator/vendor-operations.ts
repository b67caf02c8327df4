/** What the client libraries are made to do: how the vendor's own one calls it, and how one that knows only paths does. */
export const OPERATIONS = {
  ping: { sdk: ['ping', 'get'], http: ['GET', '/ping'] },
  getList: { sdk: ['lists', 'getList'], http: ['GET', '/lists/{list_id}'] },
  listMembers: { sdk: ['lists', 'getListMembersInfo'], http: ['GET', '/lists/{list_id}/members'] },
  addMember: { sdk: ['lists', 'addListMember'], http: ['POST', '/lists/{list_id}/members'] },
  updateMember: { sdk: ['lists', 'updateListMember'], http: ['PATCH', '/lists/{list_id}/members/{subscriber_hash}'] },
  eraseMember: {
    sdk: ['lists', 'deleteListMemberPermanent'],
    http: ['POST', '/lists/{list_id}/members/{subscriber_hash}/actions/delete-permanent'],
  },
  createHook: { sdk: ['lists', 'createListWebhook'], http: ['POST', '/lists/{list_id}/webhooks'] },
  listHooks: { sdk: ['lists', 'getListWebhooks'], http: ['GET', '/lists/{list_id}/webhooks'] },
  deleteHook: { sdk: ['lists', 'deleteListWebhook'], http: ['DELETE', '/lists/{list_id}/webhooks/{webhook_id}'] },
  createCampaign: { sdk: ['campaigns', 'create'], http: ['POST', '/campaigns'] },
  getCampaign: { sdk: ['campaigns', 'get'], http: ['GET', '/campaigns/{campaign_id}'] },
  listCampaigns: { sdk: ['campaigns', 'list'], http: ['GET', '/campaigns'] },
  deleteCampaign: { sdk: ['campaigns', 'remove'], http: ['DELETE', '/campaigns/{campaign_id}'] },
  setContent: { sdk: ['campaigns', 'setContent'], http: ['PUT', '/campaigns/{campaign_id}/content'] },
  getChecklist: { sdk: ['campaigns', 'getSendChecklist'], http: ['GET', '/campaigns/{campaign_id}/send-checklist'] },
  sendTest: { sdk: ['campaigns', 'sendTestEmail'], http: ['POST', '/campaigns/{campaign_id}/actions/test'] },
  schedule: { sdk: ['campaigns', 'schedule'], http: ['POST', '/campaigns/{campaign_id}/actions/schedule'] },
  unschedule: { sdk: ['campaigns', 'unschedule'], http: ['POST', '/campaigns/{campaign_id}/actions/unschedule'] },
  send: { sdk: ['campaigns', 'send'], http: ['POST', '/campaigns/{campaign_id}/actions/send'] },
  cancelSend: { sdk: ['campaigns', 'cancelSend'], http: ['POST', '/campaigns/{campaign_id}/actions/cancel-send'] },
  replicate: { sdk: ['campaigns', 'replicate'], http: ['POST', '/campaigns/{campaign_id}/actions/replicate'] },
  getReport: { sdk: ['reports', 'getCampaignReport'], http: ['GET', '/reports/{campaign_id}'] },
} as const;

export type OperationName = keyof typeof OPERATIONS;

/** One call through a client library: the ids of the path in their order, and a body or the options of a query. */
export type VendorClient = (operation: OperationName, ids?: readonly string[], given?: object) => Promise<unknown>;
