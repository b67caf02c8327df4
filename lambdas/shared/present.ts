import type * as z from 'zod';
import type { auditItemSchema } from '../../src/contract/audit.ts';
import type { audienceSchema, automationSchema, templateSchema } from '../../src/contract/audience.ts';
import type { campaignSchema, operationSchema } from '../../src/contract/campaign.ts';
import type { connectionSchema, healthSchema } from '../../src/contract/connection.ts';
import type { apiKeySchema, settingsSchema } from '../../src/contract/settings.ts';
import type { suppressionItemSchema, suppressionSchema } from '../../src/contract/suppression.ts';
import type { syncRunSchema } from '../../src/contract/sync.ts';
import type { Audience } from '../../src/core/audience/audience.ts';
import type { Template } from '../../src/core/audience/template.ts';
import type { AuditEntry } from '../../src/core/audit/audit-entry.ts';
import { shownOutcome } from '../../src/core/audit/read-trail.ts';
import type { Automation } from '../../src/core/automation/automation.ts';
import type { Campaign } from '../../src/core/campaign/campaign.ts';
import { describeStep, explainCampaign, OPERATION_TITLES } from '../../src/core/campaign/explain-campaign.ts';
import type { Operation } from '../../src/core/campaign/operation.ts';
import type { LiveCounts } from '../../src/core/campaign/live-counts.ts';
import { isDisabled, type Connection } from '../../src/core/connection/connection.ts';
import { rateOf } from '../../src/core/report/metrics.ts';
import type { Settings } from '../../src/core/settings/settings.ts';
import { activeFacts, type Fact, type Suppression } from '../../src/core/suppression/suppression.ts';
import { UNITS, type SyncRun } from '../../src/core/sync/sync-run.ts';
import type { ApiKey } from '../../src/core/tenant/api-key.ts';
import type { Hook } from '../../src/core/webhook/hook.ts';

/** From what is stored to what the contract shows; nothing else decides which fields leave the service. */

export function presentConnection(
  platform: Connection['platform'],
  connection: Connection | undefined,
  audiences: readonly Audience[],
  hooks: readonly Hook[],
): z.output<typeof connectionSchema> {
  const living = new Set(audiences.filter(({ vanishedAt }) => vanishedAt === null).map(({ id }) => id));
  const active = new Set(
    hooks.filter(({ status, audienceId }) => status === 'active' && living.has(audienceId)).map(({ audienceId }) => audienceId),
  );
  const status = connection?.status ?? 'disconnected';
  const isThere = status !== 'disconnected';
  return {
    platform,
    status,
    accountName: isThere ? (connection?.accountName ?? null) : null,
    accountId: isThere ? (connection?.accountId ?? null) : null,
    audienceCount: isThere ? living.size : null,
    connectedAt: isThere ? (connection?.connectedAt ?? null) : null,
    webhooks: { expected: isThere ? living.size : 0, active: isThere ? active.size : 0 },
    lastError: connection?.lastError ?? null,
    health: connection && isThere ? healthOf(connection) : null,
    lostAt: connection?.lostAt ?? null,
  };
}

function healthOf(connection: Connection): z.output<typeof healthSchema> {
  if (connection.status === 'connected') return connection.doubt ? 'in_doubt' : 'ok';
  return isDisabled(connection) ? 'account_disabled' : 'token_dead';
}

export const presentAudience = (audience: Audience): z.output<typeof audienceSchema> => ({
  id: audience.id,
  platform: audience.platform,
  name: audience.name,
  vendorId: audience.vendorId,
  subscriberCount: audience.subscriberCount,
  unsubscribedCount: audience.unsubscribedCount,
  cleanedCount: audience.cleanedCount,
  createdAt: audience.createdAt,
  lastSentAt: audience.lastSentAt,
  asOf: audience.asOf,
});

export const presentTemplate = ({
  id,
  platform,
  name,
  vendorId,
  type,
  createdAt,
  asOf,
}: Template): z.output<typeof templateSchema> => ({
  id,
  platform,
  name,
  vendorId,
  type,
  createdAt,
  asOf,
});

export const presentAutomation = (automation: Automation): z.output<typeof automationSchema> => ({
  id: automation.id,
  platform: automation.platform,
  name: automation.name,
  status: automation.status,
  emailsSent: automation.emailsSent,
  opens: automation.opens,
  uniqueOpens: automation.uniqueOpens,
  // The vendor tells no bounces of automations: sent stands for delivered here.
  openRate: rateOf('openRate', automation.uniqueOpens, automation.emailsSent),
  clicks: automation.clicks,
  uniqueClicks: automation.uniqueClicks,
  clickRate: rateOf('clickRate', automation.uniqueClicks, automation.emailsSent),
  asOf: automation.asOf,
});

const NO_LIVE: LiveCounts = { unsubscribes: 0, bounces: 0, complaints: 0 };

export const presentCampaign = (campaign: Campaign, live: LiveCounts = NO_LIVE): z.output<typeof campaignSchema> => ({
  id: campaign.id,
  platform: campaign.platform,
  origin: campaign.origin,
  status: campaign.status,
  outcome: campaign.status === 'sending' && campaign.send?.phase === 'unknown' ? 'unknown' : null,
  explanation: explainCampaign(campaign),
  undoUntil: campaign.send?.phase === 'claimed' ? campaign.send.undoUntil : null,
  synced: campaign.synced,
  error: campaign.error,
  warnings: campaign.warnings,
  audienceId: campaign.audienceId,
  subject: campaign.subject,
  previewText: campaign.previewText,
  fromName: campaign.fromName,
  sender: campaign.sender,
  vendorId: campaign.vendorId,
  vendorStatus: campaign.vendorStatus,
  archiveUrl: campaign.archiveUrl,
  createdAt: campaign.createdAt,
  updatedAt: campaign.updatedAt,
  sentAt: campaign.sentAt,
  live,
});

/** @param current the id of the operation under way; another one without an end was interrupted */
export const presentOperation = (operation: Operation, current: string | undefined): z.output<typeof operationSchema> => ({
  id: operation.id,
  kind: operation.kind,
  title: OPERATION_TITLES[operation.kind],
  startedAt: operation.startedAt,
  endedAt: operation.endedAt,
  outcome: operation.outcome ?? (operation.id === current ? 'running' : 'interrupted'),
  vendorId: operation.vendorId,
  error: operation.error,
  steps: operation.steps.map((step) => ({
    name: step.name,
    at: step.at,
    lastAt: step.lastAt,
    times: step.times,
    message: describeStep(step),
    vendor: step.vendor,
  })),
});

export const presentSuppressionItem = (suppression: Suppression): z.output<typeof suppressionItemSchema> => ({
  email: suppression.email ?? '(erased)',
  reason: suppression.reason ?? 'manual',
  since: suppression.since ?? '',
});

/** @param campaignIds our ids by the vendor's, of the campaigns that the facts name */
export const presentSuppression = (
  suppression: Suppression,
  campaignIds: ReadonlyMap<string, string>,
): z.output<typeof suppressionSchema> => ({
  ...presentSuppressionItem(suppression),
  sources: activeFacts(suppression.facts)
    .sort((a, b) => (a.since < b.since ? -1 : 1))
    .flatMap(({ fact }) =>
      tellersOf(fact).map(({ via, at }) => ({
        platform: fact.platform,
        via,
        kind: fact.kind,
        audienceId: fact.audienceId,
        campaignId: (fact.campaignVendorId && campaignIds.get(fact.campaignVendorId)) ?? null,
        at,
        vendorReason: fact.vendorReason,
      })),
    ),
});

/** Who told of a fact: the first teller, then the webhook and the sync where they told it as well. */
function tellersOf({ via, at, webhookAt, syncAt }: Fact): Pick<Fact, 'via' | 'at'>[] {
  const others = [
    { via: 'webhook' as const, at: webhookAt },
    { via: 'sync' as const, at: syncAt },
  ];
  return [
    { via, at },
    ...others.flatMap((other) => (other.at === null || other.via === via ? [] : { via: other.via, at: other.at })),
  ];
}

/** @param now ms since the epoch: how long a run under way has lasted */
export const presentRun = (run: SyncRun, now: number): z.output<typeof syncRunSchema> => ({
  runId: run.runId,
  task: run.task,
  trigger: run.trigger,
  state: run.state,
  queuedAt: run.queuedAt,
  startedAt: run.startedAt,
  finishedAt: run.finishedAt,
  durationMs:
    run.startedAt === null ? null : Math.max(0, (run.finishedAt ? Date.parse(run.finishedAt) : now) - Date.parse(run.startedAt)),
  progress: run.progress,
  unit: UNITS[run.task],
  counts: { read: 0, changed: 0, unchanged: 0, failed: 0, ...run.counts },
  calls: run.calls,
  audienceId: run.audienceId ?? null,
  errors: run.errors,
});

export const presentSettings = (
  settings: Settings,
  warnings: z.output<typeof settingsSchema>['warnings'],
): z.output<typeof settingsSchema> => ({
  senderEmail: settings.senderEmail,
  senderName: settings.senderName,
  defaultPlatform: settings.defaultPlatform === 'mailchimp' ? settings.defaultPlatform : null,
  timezone: settings.timezone,
  undoWindowSeconds: settings.undoWindowSeconds,
  warnings,
});

export const presentApiKey = ({ id, name, role, createdAt, lastUsedAt }: ApiKey): z.output<typeof apiKeySchema> => ({
  id,
  name,
  role,
  createdAt,
  lastUsedAt,
});

export const presentAuditEntry = (entry: AuditEntry): z.output<typeof auditItemSchema> => ({
  id: entry.id,
  at: entry.at,
  action: entry.action,
  outcome: shownOutcome(entry),
  error: entry.error,
  actor: entry.actor,
  target: entry.target,
  before: entry.before,
  after: entry.after,
  ip: entry.ip,
  userAgent: entry.userAgent,
  requestId: entry.requestId,
});
