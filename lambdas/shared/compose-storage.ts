import { systemClock, HOUR } from '../../src/core/shared/clock.ts';
import { deploymentIdOf } from '../../src/core/shared/ids.ts';
import { optionalEnv, requireEnv } from '../../src/runtime/env.ts';
import { log } from '../../src/runtime/logger.ts';
import { metrics } from '../../src/runtime/metrics.ts';
import { makeAnswerSeal } from '../../src/storage/answer-seal.ts';
import { makeApiKeyStore } from '../../src/storage/api-key-store.ts';
import { makeAuditStore } from '../../src/storage/audit-store.ts';
import { makeAudienceStore, makeAutomationStore, makeTemplateStore } from '../../src/storage/audience-store.ts';
import { makeCampaignStore } from '../../src/storage/campaign-store.ts';
import { makeConnectionStore } from '../../src/storage/connection-store.ts';
import { makeClaimStore } from '../../src/storage/claim-store.ts';
import { makeErasureStore } from '../../src/storage/erasure-store.ts';
import { makeContentStore } from '../../src/storage/content-store.ts';
import { makeHookStore } from '../../src/storage/hook-store.ts';
import { makeHookActivityStore } from '../../src/storage/hook-activity-store.ts';
import { makeLiveCountStore } from '../../src/storage/live-count-store.ts';
import { makeIdempotencyStore } from '../../src/storage/idempotency-store.ts';
import { makeOperationStore } from '../../src/storage/operation-store.ts';
import { makeOAuthSessionStore } from '../../src/storage/oauth-session-store.ts';
import { makeAddressHasher, makeCursors, pepperSecret, type CursorKeyIds } from '../../src/storage/pepper.ts';
import { makeQuarantineStore } from '../../src/storage/quarantine-store.ts';
import { makeRateStore } from '../../src/storage/rate-store.ts';
import { makeReportStore } from '../../src/storage/report-store.ts';
import { makeSentCampaigns } from '../../src/storage/sent-campaign-store.ts';
import { makeSentContentStore } from '../../src/storage/sent-content-store.ts';
import { cachedSecret, makeSecretsClient } from '../../src/storage/secrets.ts';
import { makeSettingsStore } from '../../src/storage/settings-store.ts';
import { makeSuppressionStore } from '../../src/storage/suppression-store.ts';
import { makeSyncRunStore } from '../../src/storage/sync-run-store.ts';
import { makeDocumentClient } from '../../src/storage/document-client.ts';
import { Table } from '../../src/storage/table.ts';
import { makeTenantStore } from '../../src/storage/tenant-store.ts';
import { makeUntoldStore } from '../../src/storage/untold-store.ts';
import { PLATFORM_IDS } from '../../src/core/shared/platform-id.ts';
import { CURSOR_KEY_IDS } from '../../src/contract/manifest.ts';

const DEFAULT_RATE_PER_MINUTE = 3_000;

/** @param list comma separated, the one that signs first */
function cursorKeyIds(list: string): CursorKeyIds {
  const [first = CURSOR_KEY_IDS, ...others] = list.split(',');
  return [first, ...others];
}

/** The adapters that every function may need: the table and the pepper. Vendors, tokens and queues come on top. */
export function composeStorage() {
  const clock = systemClock;
  const secrets = makeSecretsClient();
  const table = new Table(makeDocumentClient(), requireEnv('TABLE_NAME'));
  const tenants = makeTenantStore(table);
  // Read on first use: a function that hashes no address has no right to read it.
  const pepper = cachedSecret(secrets, optionalEnv('PEPPER_SECRET_ID') ?? '', pepperSecret, clock, 24 * HOUR);
  return {
    clock,
    log,
    metrics,
    platforms: PLATFORM_IDS,
    secrets,
    tenants,
    apiKeys: makeApiKeyStore(table),
    settings: makeSettingsStore(table),
    sessions: makeOAuthSessionStore(table),
    connections: makeConnectionStore(table),
    hooks: makeHookStore(table),
    hookActivity: makeHookActivityStore(table, clock),
    quarantine: makeQuarantineStore(table, clock),
    liveCounts: makeLiveCountStore(table),
    audiences: makeAudienceStore(table),
    templates: makeTemplateStore(table),
    automations: makeAutomationStore(table),
    campaigns: makeCampaignStore(table),
    sentCampaigns: makeSentCampaigns(table),
    operations: makeOperationStore(table, clock),
    claims: makeClaimStore(table),
    contents: makeContentStore(table),
    sentContents: makeSentContentStore(table),
    reports: makeReportStore(table),
    suppressions: makeSuppressionStore(table),
    untold: makeUntoldStore(table),
    erasures: makeErasureStore(table, pepper),
    runs: makeSyncRunStore(table),
    audit: makeAuditStore(table),
    hasher: makeAddressHasher(pepper),
    cursors: makeCursors(pepper, cursorKeyIds(optionalEnv('CURSOR_KEY_IDS') ?? CURSOR_KEY_IDS)),
    idempotency: makeIdempotencyStore(table, clock, makeAnswerSeal(pepper)),
    rates: makeRateStore(table, clock, Number(optionalEnv('RATE_LIMIT_PER_MINUTE') ?? DEFAULT_RATE_PER_MINUTE)),
    stage: requireEnv('STAGE'),
    deploymentId: deploymentIdOf(requireEnv('DEPLOYMENT_ID')),
  };
}
export type StorageApp = ReturnType<typeof composeStorage>;
