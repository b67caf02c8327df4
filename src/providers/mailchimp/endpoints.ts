import { MINUTE, SECOND } from '../../core/shared/clock.ts';

/** The account's own host, or the one where people log in. */
type Host = 'api' | 'login';
/**
 * `safe`: after any failure that may pass. `unread`: only after a 429 with a body, which proves that nothing was done.
 * `never`: not even then.
 */
export type Repetition = 'safe' | 'unread' | 'never';

/** One call of the vendor's contract. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly host: Host;
  /** Behind the host, and behind the version at the API; ids in braces. */
  readonly path: `/${string}`;
  /** Whose calls it is one of: only `mailchimp-<resource>.ts` makes it. */
  readonly resource: string;
  readonly purpose: string;
  readonly repeat: Repetition;
  readonly because: string;
  /** How long it may take, in ms, where that is not what the lane allows. */
  readonly timeoutMs?: number;
  /** The page of the vendor's documentation below `DOCS_URL`. */
  readonly docs: string;
}

export const DOCS_URL = 'https://mailchimp.com/developer/marketing/';
/** What precedes every path at the API. */
export const API_VERSION = '/3.0';
/** Where a person consents: a page for the browser, which we never call. */
export const AUTHORIZE_PATH = '/oauth2/authorize';

/** Three such calls and the first look at the account have to fit into one request of a person. */
const CONNECT_WITHIN_MS = 6 * SECOND;
/** Mailchimp calls our URL inside the create call, and waits 10 s for it. */
const CREATE_HOOK_WITHIN_MS = 15 * SECOND;
/** Test sends are rendered while we wait. */
const TEST_WITHIN_MS = 20 * SECOND;
/** Sends are accepted while we wait: whatever comes later is read back. */
const SEND_WITHIN_MS = MINUTE;

const READS = { method: 'GET', repeat: 'safe', because: 'it only reads' } as const;
const OAUTH = { host: 'login', resource: 'oauth', docs: 'guides/access-user-data-oauth-2/' } as const;
const ACCOUNT = { host: 'api', resource: 'account' } as const;
const LISTS = { host: 'api', resource: 'lists', docs: 'api/lists/' } as const;
const MEMBERS = { host: 'api', resource: 'members', docs: 'api/list-members/' } as const;
const HOOKS = { host: 'api', resource: 'hooks', docs: 'api/list-webhooks/' } as const;
const CAMPAIGNS = { host: 'api', resource: 'campaigns', docs: 'api/campaigns/' } as const;

/**
 * Every call of Mailchimp that we make, once. Nothing else in this folder spells a path or a method.
 * `docs/mailchimp-calls.md` tells where each is made and how often.
 */
export const ENDPOINTS = {
  exchangeCode: {
    ...OAUTH,
    method: 'POST',
    path: '/oauth2/token',
    purpose: 'makes a token of a consent',
    repeat: 'never',
    because: 'a code is good for one use',
    timeoutMs: CONNECT_WITHIN_MS,
  },
  readMetadata: {
    ...OAUTH,
    method: 'GET',
    path: '/oauth2/metadata',
    purpose: 'tells the host of an account, and whether a refused token is dead',
    repeat: 'never',
    because: 'whoever needs it begins anew: the person, or the call that was refused',
    timeoutMs: CONNECT_WITHIN_MS,
  },
  readRoot: {
    ...ACCOUNT,
    method: 'GET',
    path: '/',
    purpose: 'tells whose account it is',
    repeat: 'never',
    because: 'a person waits for it, and begins anew',
    timeoutMs: CONNECT_WITHIN_MS,
    docs: 'api/root/',
  },
  ping: { ...ACCOUNT, ...READS, path: '/ping', purpose: 'tells whether a token works again', docs: 'api/ping/' },

  listLists: { ...LISTS, ...READS, path: '/lists', purpose: 'the audiences and their counts' },
  readList: { ...LISTS, ...READS, path: '/lists/{list_id}', purpose: 'one audience, before a send' },

  listMembers: { ...MEMBERS, ...READS, path: '/lists/{list_id}/members', purpose: 'who left, and who would be mailed' },
  readMember: {
    ...MEMBERS,
    ...READS,
    path: '/lists/{list_id}/members/{subscriber_hash}',
    purpose: 'whether somebody is still subscribed',
  },
  updateMember: {
    ...MEMBERS,
    method: 'PATCH',
    path: '/lists/{list_id}/members/{subscriber_hash}',
    purpose: 'unsubscribes somebody whom we suppress',
    repeat: 'unread',
    because: 'what the person does meanwhile is not to be undone; the next run looks again',
  },
  eraseMember: {
    ...MEMBERS,
    method: 'POST',
    path: '/lists/{list_id}/members/{subscriber_hash}/actions/delete-permanent',
    purpose: 'erases a person for good',
    repeat: 'unread',
    because: 'it cannot be undone; an erasure that is open asks again',
  },

  listAbuseReports: {
    ...READS,
    host: 'api',
    path: '/lists/{list_id}/abuse-reports',
    resource: 'abuse-reports',
    purpose: 'who complained',
    docs: 'api/abuse-reports/',
  },

  listHooks: { ...HOOKS, ...READS, path: '/lists/{list_id}/webhooks', purpose: 'whether our webhook stands as we made it' },
  createHook: {
    ...HOOKS,
    method: 'POST',
    path: '/lists/{list_id}/webhooks',
    purpose: 'registers our webhook',
    repeat: 'unread',
    because: 'a second one would deliver everything twice',
    timeoutMs: CREATE_HOOK_WITHIN_MS,
  },
  updateHook: {
    ...HOOKS,
    method: 'PATCH',
    path: '/lists/{list_id}/webhooks/{webhook_id}',
    purpose: 'mends the events of our webhook',
    repeat: 'unread',
    because: 'the next look at the webhooks mends it as well',
  },
  deleteHook: {
    ...HOOKS,
    method: 'DELETE',
    path: '/lists/{list_id}/webhooks/{webhook_id}',
    purpose: 'removes a webhook of ours',
    repeat: 'safe',
    because: 'gone twice is gone',
  },

  listCampaigns: {
    ...CAMPAIGNS,
    ...READS,
    path: '/campaigns',
    purpose: 'what became of drafts, and of a create whose answer was lost',
  },
  createCampaign: {
    ...CAMPAIGNS,
    method: 'POST',
    path: '/campaigns',
    purpose: 'makes a draft',
    repeat: 'unread',
    because: 'a second draft would be left over; after a lost answer it is looked for by its title',
  },
  readCampaign: {
    ...CAMPAIGNS,
    ...READS,
    path: '/campaigns/{campaign_id}',
    purpose: 'where a draft or a send stands',
  },
  updateCampaign: {
    ...CAMPAIGNS,
    method: 'PATCH',
    path: '/campaigns/{campaign_id}',
    purpose: 'changes the settings of a draft',
    repeat: 'unread',
    because: 'a late repetition could overwrite what was edited since',
  },
  deleteCampaign: {
    ...CAMPAIGNS,
    method: 'DELETE',
    path: '/campaigns/{campaign_id}',
    purpose: 'removes a draft',
    repeat: 'safe',
    because: 'gone twice is gone',
  },
  readContent: {
    ...CAMPAIGNS,
    ...READS,
    path: '/campaigns/{campaign_id}/content',
    purpose: 'the HTML of a draft',
    docs: 'api/campaign-content/',
  },
  putContent: {
    ...CAMPAIGNS,
    method: 'PUT',
    path: '/campaigns/{campaign_id}/content',
    purpose: 'replaces the content of a draft',
    repeat: 'safe',
    because: 'it replaces the whole',
    docs: 'api/campaign-content/',
  },
  readChecklist: {
    ...CAMPAIGNS,
    ...READS,
    path: '/campaigns/{campaign_id}/send-checklist',
    purpose: 'whether Mailchimp finds a draft ready to be sent',
    docs: 'api/campaign-checklist/',
  },
  sendTest: {
    ...CAMPAIGNS,
    method: 'POST',
    path: '/campaigns/{campaign_id}/actions/test',
    purpose: 'mails a draft to a few addresses',
    repeat: 'unread',
    because: 'somebody would get the mail twice',
    timeoutMs: TEST_WITHIN_MS,
  },
  unscheduleCampaign: {
    ...CAMPAIGNS,
    method: 'POST',
    path: '/campaigns/{campaign_id}/actions/unschedule',
    purpose: 'takes back a sending that was planned at Mailchimp',
    repeat: 'unread',
    because: 'somebody may have planned it anew',
  },
  sendCampaign: {
    ...CAMPAIGNS,
    method: 'POST',
    path: '/campaigns/{campaign_id}/actions/send',
    purpose: 'sends',
    repeat: 'never',
    because: 'a campaign goes out once; whatever is answered, the outcome is read back',
    timeoutMs: SEND_WITHIN_MS,
  },

  listReports: {
    ...READS,
    host: 'api',
    path: '/reports',
    resource: 'reports',
    purpose: 'the numbers of campaigns',
    docs: 'api/reports/',
  },
  listAutomations: {
    ...READS,
    host: 'api',
    path: '/automations',
    resource: 'automations',
    purpose: 'classic automations and their numbers',
    docs: 'api/automation/',
  },
  listTemplates: {
    ...READS,
    host: 'api',
    path: '/templates',
    resource: 'templates',
    purpose: 'the templates that drafts may be made of',
    docs: 'api/templates/',
  },
  listDomains: {
    ...READS,
    host: 'api',
    path: '/verified-domains',
    resource: 'domains',
    purpose: 'whether the domain of a sender is verified',
    docs: 'api/verified-domains/',
  },
} as const satisfies Record<string, Endpoint>;

export type Endpoints = typeof ENDPOINTS;
export type EndpointName = keyof Endpoints;
const isEndpointName = (name: string): name is EndpointName => name in ENDPOINTS;
export const ENDPOINT_NAMES = Object.keys(ENDPOINTS).filter(isEndpointName);
