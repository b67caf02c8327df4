import type { SyncTask } from '../core/shared/run-tasks.ts';
import type { TableAccess } from './table-access.ts';

/**
 * Every function, queue, rule, secret and variable of the service, once. The CDK stacks and the local stack are both
 * built from it, so that what runs on a laptop has the shape of what is deployed.
 */

/** Names of environment variables, shared by what sets them and what reads them. */
export const ENV = {
  STAGE: 'STAGE',
  DEPLOYMENT_ID: 'DEPLOYMENT_ID',
  TABLE_NAME: 'TABLE_NAME',
  PEPPER_SECRET_ID: 'PEPPER_SECRET_ID',
  CURSOR_KEY_IDS: 'CURSOR_KEY_IDS',
  MAILCHIMP_APP_SECRET_ID: 'MAILCHIMP_APP_SECRET_ID',
  SYNC_QUEUE_URL: 'SYNC_QUEUE_URL',
  FOLLOWUPS_QUEUE_URL: 'FOLLOWUPS_QUEUE_URL',
  SYNC_DEAD_LETTERS_URL: 'SYNC_DEAD_LETTERS_URL',
  FOLLOWUPS_DEAD_LETTERS_URL: 'FOLLOWUPS_DEAD_LETTERS_URL',
  PUBLIC_BASE_URL: 'PUBLIC_BASE_URL',
  RETURN_URLS: 'RETURN_URLS',
  MAILCHIMP_LOGIN_URL: 'MAILCHIMP_LOGIN_URL',
  MAILCHIMP_API_HOST_OVERRIDE: 'MAILCHIMP_API_HOST_OVERRIDE',
  OAUTH_PKCE: 'OAUTH_PKCE',
  TOKEN_STORE: 'TOKEN_STORE',
  TOKEN_KEY_ID: 'TOKEN_KEY_ID',
  RATE_LIMIT_PER_MINUTE: 'RATE_LIMIT_PER_MINUTE',
  OIDC_ISSUER: 'OIDC_ISSUER',
  OIDC_AUDIENCE: 'OIDC_AUDIENCE',
  OIDC_JWKS_URL: 'OIDC_JWKS_URL',
  OIDC_TENANT_CLAIM: 'OIDC_TENANT_CLAIM',
  OIDC_ROLE_CLAIM: 'OIDC_ROLE_CLAIM',
} as const;
export type EnvName = keyof typeof ENV;

/** What a function may do; the stacks turn each word into statements on exactly the resource it names. */
export type Access =
  | 'pepper:read'
  | 'mailchimp-app:read'
  | 'tokens:read'
  | 'tokens:write'
  | 'sync-queue:send'
  | 'followups-queue:send'
  | 'sync-dead-letters:send'
  | 'followups-dead-letters:send';

export interface FunctionSpec {
  /** The file whose `handler` export is deployed. */
  entry: string;
  memoryMb: number;
  timeoutSeconds: number;
  env: readonly EnvName[];
  access: readonly Access[];
  table: TableAccess;
  /** Why this memory and time-out. */
  reason: string;
}

const BASE_ENV = ['STAGE', 'DEPLOYMENT_ID', 'TABLE_NAME'] as const satisfies readonly EnvName[];
const VENDOR_ENV = [
  'MAILCHIMP_LOGIN_URL',
  'MAILCHIMP_API_HOST_OVERRIDE',
  'TOKEN_STORE',
  'TOKEN_KEY_ID',
] as const satisfies readonly EnvName[];
/** What a function of the API needs to know its callers, and to show them the pages of a list. */
const CALLER_ENV = [
  'RATE_LIMIT_PER_MINUTE',
  'CURSOR_KEY_IDS',
  'OIDC_ISSUER',
  'OIDC_AUDIENCE',
  'OIDC_JWKS_URL',
  'OIDC_TENANT_CLAIM',
  'OIDC_ROLE_CLAIM',
] as const satisfies readonly EnvName[];
const QUEUE_ENV = ['SYNC_QUEUE_URL', 'FOLLOWUPS_QUEUE_URL'] as const satisfies readonly EnvName[];

export const FUNCTIONS = {
  'api-read': {
    entry: 'lambdas/api/api-read.ts',
    memoryMb: 512,
    timeoutSeconds: 29,
    env: [...BASE_ENV, 'PEPPER_SECRET_ID', 'FOLLOWUPS_QUEUE_URL', 'PUBLIC_BASE_URL', ...CALLER_ENV],
    access: ['pepper:read', 'followups-queue:send'],
    table: { read: ['tenant', 'apiKey', 'apiKeyUse', 'audit', 'hook'], write: ['apiKeyUse', 'audit', 'rate'], indexes: ['GSI2'] },
    reason: 'Table reads only, no vendor call; writes are counters and the audit trail. API Gateway ends a request at 30 s.',
  },
  'api-write': {
    entry: 'lambdas/api/api-write.ts',
    memoryMb: 1024,
    timeoutSeconds: 29,
    env: [...BASE_ENV, ...VENDOR_ENV, ...QUEUE_ENV, 'PEPPER_SECRET_ID', 'PUBLIC_BASE_URL', ...CALLER_ENV],
    access: ['pepper:read', 'tokens:read', 'sync-queue:send', 'followups-queue:send'],
    table: {
      read: ['tenant', 'apiKey', 'apiKeyUse', 'audit'],
      write: ['tenant', 'apiKey', 'apiKeyUse', 'audit', 'rate'],
      indexes: [],
    },
    reason: 'Drafts of up to 1 MB are parsed and zipped here. API Gateway ends a request at 30 s.',
  },
  'api-connect': {
    entry: 'lambdas/api/api-connect.ts',
    memoryMb: 512,
    timeoutSeconds: 29,
    env: [
      ...BASE_ENV,
      ...VENDOR_ENV,
      ...QUEUE_ENV,
      'PEPPER_SECRET_ID',
      'MAILCHIMP_APP_SECRET_ID',
      'OAUTH_PKCE',
      'PUBLIC_BASE_URL',
      'RETURN_URLS',
      ...CALLER_ENV,
    ],
    access: ['pepper:read', 'mailchimp-app:read', 'tokens:read', 'tokens:write', 'sync-queue:send', 'followups-queue:send'],
    table: {
      read: ['tenant', 'apiKey', 'audit', 'hook', 'oauthState'],
      write: ['tenant', 'apiKeyUse', 'audit', 'hook', 'oauthState', 'rate'],
      indexes: [],
    },
    reason: 'Makes and removes tokens. Waits on the vendor; API Gateway ends a request at 30 s.',
  },
  'api-erase': {
    entry: 'lambdas/api/api-erase.ts',
    memoryMb: 512,
    timeoutSeconds: 29,
    env: [...BASE_ENV, ...VENDOR_ENV, 'FOLLOWUPS_QUEUE_URL', 'PEPPER_SECRET_ID', 'PUBLIC_BASE_URL', ...CALLER_ENV],
    access: ['pepper:read', 'tokens:read', 'followups-queue:send'],
    table: { read: ['tenant', 'apiKey', 'audit'], write: ['tenant', 'apiKeyUse', 'audit', 'rate'], indexes: [] },
    reason: 'Permanent deletion at the vendor, apart so that its rights can be watched apart.',
  },
  webhook: {
    entry: 'lambdas/webhooks/receive-webhook.ts',
    memoryMb: 512,
    timeoutSeconds: 9,
    env: [...BASE_ENV, 'PEPPER_SECRET_ID'],
    access: ['pepper:read'],
    table: {
      read: [],
      write: [],
      indexes: [],
      exactly: {
        hook: ['GetItem'],
        hookActivity: ['UpdateItem'],
        quarantine: ['UpdateItem'],
        suppression: ['GetItem', 'PutItem', 'UpdateItem'],
      },
    },
    reason: 'Mailchimp gives up after 10 s. 512 MB keeps the first call short.',
  },
  dispatcher: {
    entry: 'lambdas/schedules/dispatch.ts',
    memoryMb: 512,
    timeoutSeconds: 300,
    env: [...BASE_ENV, 'SYNC_QUEUE_URL'],
    access: ['sync-queue:send'],
    table: { read: [], write: [], indexes: ['GSI1'] },
    reason: 'One message per connected tenant, ten to a call: 100,000 tenants are 10,000 calls.',
  },
  'sync-worker': {
    entry: 'lambdas/queues/sync-worker.ts',
    memoryMb: 1024,
    timeoutSeconds: 300,
    env: [...BASE_ENV, ...VENDOR_ENV, ...QUEUE_ENV, 'SYNC_DEAD_LETTERS_URL', 'PEPPER_SECRET_ID', 'PUBLIC_BASE_URL'],
    access: ['pepper:read', 'tokens:read', 'sync-queue:send', 'followups-queue:send', 'sync-dead-letters:send'],
    table: { read: ['tenant', 'hook', 'audit'], write: ['tenant', 'hook', 'audit'], indexes: [] },
    reason: 'Works for 4 of its 5 minutes, then hands the rest to a continuation.',
  },
  followups: {
    entry: 'lambdas/queues/followups.ts',
    memoryMb: 512,
    timeoutSeconds: 120,
    env: [...BASE_ENV, ...VENDOR_ENV, ...QUEUE_ENV, 'FOLLOWUPS_DEAD_LETTERS_URL', 'PEPPER_SECRET_ID', 'PUBLIC_BASE_URL'],
    access: [
      'pepper:read',
      'tokens:read',
      'tokens:write',
      'sync-queue:send',
      'followups-queue:send',
      'followups-dead-letters:send',
    ],
    table: { read: ['tenant', 'audit'], write: ['tenant', 'audit'], indexes: [] },
    reason: 'One send may wait 60 s for the vendor, and is read back afterwards. Tidies tokens, so it may write them.',
  },
} as const satisfies Record<string, FunctionSpec>;
export type FunctionName = keyof typeof FUNCTIONS;
export const FUNCTION_NAMES = Object.keys(FUNCTIONS).filter((name): name is FunctionName => name in FUNCTIONS);

export interface QueueSpec {
  fifo: boolean;
  visibilitySeconds: number;
  maxReceiveCount: number;
  consumer: FunctionName;
  batchSize: number;
  maxConcurrency: number;
  retentionDays: number;
}

/** Visibility exceeds the consumer's time-out by 20 %, so that a message is not seen twice while it is worked on. */
export const QUEUES = {
  sync: {
    fifo: true,
    visibilitySeconds: 360,
    maxReceiveCount: 3,
    consumer: 'sync-worker',
    batchSize: 1,
    maxConcurrency: 200,
    retentionDays: 4,
  },
  followups: {
    fifo: false,
    visibilitySeconds: 144,
    maxReceiveCount: 5,
    consumer: 'followups',
    batchSize: 1,
    maxConcurrency: 50,
    retentionDays: 4,
  },
} as const satisfies Record<string, QueueSpec>;
export type QueueName = keyof typeof QUEUES;
export const DLQ_RETENTION_DAYS = 14;

/** For what is built from the manifest alone. */
export { RUN_TASKS, SYNC_TASKS, type SyncTask } from '../core/shared/run-tasks.ts';

/** UTC. The 08:00 roll-up of other teams needs the e-mail jobs done. */
export const RULES = {
  'sync-suppressions-daily': { minute: '0', hour: '4', task: 'suppressions' },
  'sync-audience-counts-daily': { minute: '0', hour: '5', task: 'audiences' },
  'refresh-campaign-metrics-daily': { minute: '30', hour: '7', task: 'metrics' },
  'sync-automation-performance': { minute: '0', hour: '0/6', task: 'automations' },
} as const satisfies Record<string, { minute: string; hour: string; task: SyncTask }>;
export type RuleName = keyof typeof RULES;

/** What a rule hands the dispatcher: `{rule, task, time}`, the time being the event's own, so that a repeat is recognised. */
export interface ScheduleEvent {
  rule: RuleName;
  task: SyncTask;
  time: string;
}

export const TABLE = {
  partitionKey: 'PK',
  sortKey: 'SK',
  ttlAttribute: 'expiresAt',
  indexes: [
    { name: 'GSI1', partitionKey: 'GSI1PK', sortKey: 'GSI1SK', projection: ['vendorUser'] },
    { name: 'GSI2', partitionKey: 'GSI2PK', sortKey: 'GSI2SK', projection: 'ALL' },
  ],
} as const;

/** How tokens are kept: one secret per connection, or encrypted in the connection under a key of KMS. */
export const TOKEN_STORE_KINDS = ['secrets', 'envelope'] as const;
export type TokenStoreKind = (typeof TOKEN_STORE_KINDS)[number];

/** Where Mailchimp sends people to consent, unless the deployment says otherwise. */
export const MAILCHIMP_LOGIN_URL = 'https://login.mailchimp.com';
/** The first key signs cursors and all of them open one, unless the deployment says otherwise; what an id looks like. */
export const CURSOR_KEY_IDS = 'c1';
export const CURSOR_KEY_ID = /^[a-z0-9]{1,8}$/;
/** The claims of a person's token that hold the tenant's id and the role, unless the deployment says otherwise. */
export const OIDC_TENANT_CLAIM = 'custom:tenant_id';
export const OIDC_ROLE_CLAIM = 'custom:role';
export const WEBHOOKS_PATH = '/marketing-automation/webhooks';
export const WEBHOOK_PATH = `${WEBHOOKS_PATH}/mailchimp`;
/** Where the browser comes back to after the consent, below the console's base URL. */
export const RETURN_PATH = '/settings/integrations';
export const MAX_BODY_BYTES = 5 * 1024 * 1024;
