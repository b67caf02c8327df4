import type { NewAuditEntry } from '../../src/core/audit/audit-entry.ts';
import type { Audience } from '../../src/core/audience/audience.ts';
import type { Template } from '../../src/core/audience/template.ts';
import type { Campaign, Send } from '../../src/core/campaign/campaign.ts';
import type { Connection } from '../../src/core/connection/connection.ts';
import type { UsableConnection } from '../../src/core/connection/use-platform.ts';
import type { VendorReport } from '../../src/core/email-platform/email-platform.ts';
import type { NewFact } from '../../src/core/suppression/suppression.ts';
import type { Tenant } from '../../src/core/tenant/tenant.ts';
import type { Hook } from '../../src/core/webhook/hook.ts';
import { sha256 } from '../../src/core/shared/ids.ts';

export const TENANT = 'ten_01J8B0000000000000000000AA';
export const ACCOUNT = 'acc-harbor';
const AT = '2026-09-01T08:00:00.000Z';

export const aTenant = (change: Partial<Tenant> = {}): Tenant => ({
  id: TENANT,
  slug: 'harborlane',
  name: 'Harbor Lane Bakery',
  ownerEmail: 'ines@harborlane.test',
  domain: 'harborlane.test',
  createdAt: AT,
  ...change,
});

export const aConnection = (change: Partial<Connection> = {}): Connection => ({
  tenantId: TENANT,
  platform: 'mailchimp',
  connectionId: 'con_01J8B0000000000000000000AA',
  status: 'connected',
  accountId: ACCOUNT,
  accountName: 'Harbor Lane Bakery',
  vendorUser: 'mailchimp-309914207',
  apiEndpoint: 'https://us7.api.mailchimp.com',
  tokenRef: `secret:${TENANT}/mailchimp/con_01J8B0000000000000000000AA`,
  connectedAt: AT,
  lastError: null,
  lostAt: null,
  doubt: null,
  renewHooksBefore: null,
  version: 1,
  ...change,
});

export const aUsableConnection = (): UsableConnection => ({
  ...aConnection(),
  accountId: ACCOUNT,
  vendorUser: 'mailchimp-309914207',
  apiEndpoint: 'https://us7.api.mailchimp.com',
  tokenRef: `secret:${TENANT}/mailchimp/con_01J8B0000000000000000000AA`,
});

export const anAudience = (change: Partial<Audience> = {}): Audience => ({
  id: 'aud_c3a91f02be0000000000000000',
  tenantId: TENANT,
  platform: 'mailchimp',
  accountId: ACCOUNT,
  vendorId: 'c3a91f02be',
  name: 'Regulars',
  subscriberCount: 120,
  unsubscribedCount: 3,
  cleanedCount: 1,
  createdAt: AT,
  lastSentAt: null,
  asOf: AT,
  vanishedAt: null,
  ...change,
});

export const aTemplate = (change: Partial<Template> = {}): Template => ({
  id: 'tpl_00000000000000000000000001',
  tenantId: TENANT,
  platform: 'mailchimp',
  vendorId: '2000',
  name: 'Plain',
  type: 'user',
  createdAt: AT,
  asOf: AT,
  ...change,
});

export const aCampaign = (change: Partial<Campaign> = {}): Campaign => ({
  id: 'cmp_01J8B0000000000000000000CC',
  tenantId: TENANT,
  platform: 'mailchimp',
  accountId: ACCOUNT,
  origin: 'illixis',
  status: 'draft',
  send: null,
  error: null,
  warnings: [],
  audienceId: anAudience().id,
  audienceVendorId: anAudience().vendorId,
  subject: 'Autumn loaves',
  previewText: null,
  fromName: 'Harbor Lane Bakery',
  sender: { email: 'ines@harborlane.test', rule: 'owner' },
  content: null,
  vendorId: 'vc1',
  synced: true,
  createCalls: 1,
  operation: null,
  unsettledUntil: null,
  vendorStatus: 'save',
  archiveUrl: null,
  createdAt: AT,
  updatedAt: AT,
  sentAt: null,
  version: 1,
  ...change,
});

export const aSend = (change: Partial<Send> = {}): Send => ({
  phase: 'claimed',
  claimId: 'op_01J8B0000000000000000000SS',
  claimedAt: AT,
  requestedAt: null,
  unsentSince: null,
  polls: 0,
  lastPollAt: null,
  queued: false,
  undoUntil: null,
  ...change,
});

/** An active, unsigned hook whose URL carries the given secret. */
export const aHook = (secret: string, change: Partial<Hook> = {}): Hook => ({
  hookId: `hook_0a1b2c3d4e${sha256(TENANT).slice(0, 8)}01J8B0000000000000000000HH`,
  tenantId: TENANT,
  platform: 'mailchimp',
  accountId: ACCOUNT,
  audienceId: anAudience().id,
  audienceVendorId: anAudience().vendorId,
  secretHash: sha256(secret),
  vendorId: 'vh1',
  signingSecret: null,
  status: 'active',
  createdAt: AT,
  coveredSince: null,
  patchedAt: null,
  heardUntil: null,
  renewalRefusedAt: null,
  expiresAt: null,
  ...change,
});

export const aFact = (change: Partial<NewFact> = {}): NewFact => ({
  kind: 'unsubscribe',
  via: 'webhook',
  platform: 'mailchimp',
  audienceId: anAudience().id,
  campaignVendorId: null,
  at: '2026-09-10T10:00:00.000Z',
  vendorReason: null,
  actor: null,
  ...change,
});

/** A started entry of a request that makes an API key. */
export const anAuditEntry = (change: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  id: 'evt_01J8B0000000000000000000EE',
  tenantId: TENANT,
  at: AT,
  action: 'api_key.created',
  outcome: 'started',
  error: null,
  actor: { kind: 'key', id: 'key_01J8B0000000000000000000KK', name: 'console', role: 'owner' },
  target: null,
  before: null,
  after: null,
  ip: '192.0.2.7',
  userAgent: 'a browser',
  requestId: 'request-1',
  ...change,
});

export const aVendorReport = (change: Partial<VendorReport> = {}): VendorReport => ({
  campaignVendorId: 'vc1',
  audienceVendorId: anAudience().vendorId,
  subject: 'Autumn loaves',
  sentAt: '2026-09-20T08:00:00.000Z',
  type: 'regular',
  emailsSent: 1000,
  hardBounces: 6,
  softBounces: 10,
  syntaxErrors: 4,
  opens: 700,
  opensExcludingProxy: 400,
  uniqueOpens: 490,
  uniqueOpensExcludingProxy: 300,
  clicks: 200,
  uniqueClicks: 98,
  unsubscribes: 7,
  spamComplaints: 1,
  raw: { id: 'vc1', emails_sent: 1000 },
  ...change,
});
