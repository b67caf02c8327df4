import { createHmac } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { WEBHOOK_PATH } from '../../src/contract/manifest.ts';
import type { Clock } from '../../src/core/shared/clock.ts';
import type { Log } from '../../src/core/shared/log.ts';
import { contactIdsOf, openPlatform } from '../../src/providers/registry.ts';
import { makeAudienceStore, makeAutomationStore, makeTemplateStore } from '../../src/storage/audience-store.ts';
import { makeAuditStore } from '../../src/storage/audit-store.ts';
import { makeCampaignStore } from '../../src/storage/campaign-store.ts';
import { makeClaimStore } from '../../src/storage/claim-store.ts';
import { makeConnectionStore } from '../../src/storage/connection-store.ts';
import { makeErasureStore } from '../../src/storage/erasure-store.ts';
import { makeHookActivityStore } from '../../src/storage/hook-activity-store.ts';
import { makeHookStore } from '../../src/storage/hook-store.ts';
import { makeLiveCountStore } from '../../src/storage/live-count-store.ts';
import { makeQuarantineStore } from '../../src/storage/quarantine-store.ts';
import { makeFollowupQueue, makeSyncQueue } from '../../src/storage/queues.ts';
import { makeReportStore } from '../../src/storage/report-store.ts';
import { makeSecretTokenPlace } from '../../src/storage/secret-token-place.ts';
import { makeSuppressionStore } from '../../src/storage/suppression-store.ts';
import { makeSyncRunStore } from '../../src/storage/sync-run-store.ts';
import { Table } from '../../src/storage/table.ts';
import { makeTokenStore } from '../../src/storage/token-store.ts';
import { makeUntoldStore } from '../../src/storage/untold-store.ts';
import { sendsTo } from './sends-to.ts';
import { indexIn, namesOf } from './tenant-names.ts';

export const MODEL_STAGE = 'model';
export const MODEL_HOST = 'https://us1.api.mailchimp.com';
const PEPPER = { pepper: 'the pepper of a model, which hides nothing' };

const secretsClient = new SecretsManagerClient({ region: 'us-east-1' });

/** Secrets that follow from the tenant. @param read told of each */
export const openSecretsClient = (read: () => Promise<void>): SecretsManagerClient =>
  sendsTo(secretsClient, async (command) => {
    if (!(command instanceof GetSecretValueCommand)) throw new Error('The model only reads secrets.');
    await read();
    return { SecretString: namesOf(indexIn(command.input.SecretId ?? '')).token };
  });

/**
 * What a function that calls the vendor is composed of: the service's own stores, tokens, queues and adapter, on clients that
 * end in memory.
 */
export function composeModelApp(given: {
  clock: Clock;
  log: Log;
  random: () => number;
  table: DynamoDBDocumentClient;
  queues: SQSClient;
  secrets: SecretsManagerClient;
}) {
  const { clock, log, random } = given;
  const table = new Table(given.table, MODEL_STAGE);
  return {
    clock,
    log,
    // Nobody reads them here.
    metrics: { add: () => undefined },
    random,
    connections: makeConnectionStore(table),
    hooks: makeHookStore(table),
    hookActivity: makeHookActivityStore(table, clock),
    quarantine: makeQuarantineStore(table, clock),
    liveCounts: makeLiveCountStore(table),
    audiences: makeAudienceStore(table),
    templates: makeTemplateStore(table),
    automations: makeAutomationStore(table),
    campaigns: makeCampaignStore(table),
    claims: makeClaimStore(table),
    reports: makeReportStore(table),
    suppressions: makeSuppressionStore(table),
    untold: makeUntoldStore(table),
    erasures: makeErasureStore(table, () => Promise.resolve(PEPPER)),
    runs: makeSyncRunStore(table),
    audit: makeAuditStore(table),
    // Without the tenant, which keyed hashes of one length depend on: so one kind's state can be another tenant's.
    hasher: {
      hash: (_: string, email: string) => Promise.resolve(createHmac('sha256', PEPPER.pepper).update(email).digest('hex')),
    },
    tokens: makeTokenStore(clock, makeSecretTokenPlace(given.secrets, MODEL_STAGE)),
    openPlatform: openPlatform({ clock, mailchimp: { loginUrl: MODEL_HOST, apiHostOverride: MODEL_HOST } }),
    contactIdsOf,
    syncQueue: makeSyncQueue(given.queues, 'sync'),
    followups: makeFollowupQueue(given.queues, 'followups'),
    config: { publicBaseUrl: 'https://model.test', deploymentId: 'modeldep00', webhookPath: WEBHOOK_PATH },
    deploymentId: 'modeldep00',
    sleep: () => Promise.reject(new Error('Nothing in a sync sleeps.')),
  };
}
export type ModelApp = ReturnType<typeof composeModelApp>;
