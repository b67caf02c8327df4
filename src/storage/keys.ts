import { bareId } from '../core/shared/ids.ts';
import type { UntoldKey } from '../core/suppression/drift.ts';

const tenant = (tenantId: string): string => `TENANT#${tenantId}`;

/**
 * Every key of the table, one line per item. Nothing outside `src/storage` may spell one. The tenant comes first in
 * every key that a tenant owns.
 */
export const keys = {
  tenant: (t: string) => ({ PK: tenant(t), SK: 'PROFILE' }),
  settings: (t: string) => ({ PK: tenant(t), SK: 'SETTINGS' }),
  apiKey: (hash: string) => ({ PK: `APIKEY#${hash}`, SK: 'APIKEY' }),
  /** When a key was last used; apart, so that the right to note it is not the right to make a key. */
  apiKeyUse: (hash: string) => ({ PK: `APIKEYUSE#${hash}`, SK: 'APIKEYUSE' }),
  apiKeyPointer: (t: string, keyId: string) => ({ PK: tenant(t), SK: `APIKEY#${bareId(keyId)}` }),
  oauthState: (hash: string) => ({ PK: `OAUTHSTATE#${hash}`, SK: 'OAUTHSTATE' }),
  connection: (t: string, platform: string) => ({ PK: tenant(t), SK: `CONNECTION#${platform}` }),
  hook: (secretHash: string) => ({ PK: `HOOK#${secretHash}`, SK: 'HOOK' }),
  hookPointer: (t: string, platform: string, hookId: string) => ({ PK: tenant(t), SK: `HOOK#${platform}#${bareId(hookId)}` }),
  /** By audience, so that it outlives a hook that is replaced; among the hooks, because that is where a webhook may write. */
  hookActivity: (t: string, audienceId: string, date: string) => ({
    PK: `HOOK#ACTIVITY#${t}#${bareId(audienceId)}`,
    SK: date,
  }),
  /** Unreadable deliveries; among the hooks for the same reason. */
  quarantined: (t: string, platform: string, digest: string) => ({ PK: `HOOK#QUARANTINE#${t}`, SK: `${platform}#${digest}` }),
  /** How many were kept on one day. */
  quarantineDay: (t: string, date: string) => ({ PK: `HOOK#QUARANTINE#${t}`, SK: `DAY#${date}` }),
  audience: (t: string, platform: string, id: string) => ({ PK: tenant(t), SK: `AUDIENCE#${platform}#${bareId(id)}` }),
  audienceCount: (t: string, platform: string, id: string, date: string) => ({
    PK: tenant(t),
    SK: `AUDIENCECOUNT#${platform}#${bareId(id)}#${date}`,
  }),
  template: (t: string, platform: string, id: string) => ({ PK: tenant(t), SK: `TEMPLATE#${platform}#${bareId(id)}` }),
  automation: (t: string, platform: string, id: string) => ({ PK: tenant(t), SK: `AUTOMATION#${platform}#${bareId(id)}` }),
  campaign: (t: string, id: string) => ({ PK: tenant(t), SK: `CAMPAIGN#${bareId(id)}` }),
  /** From the vendor's campaign id to ours. */
  vendorCampaign: (t: string, platform: string, vendorId: string) => ({
    PK: tenant(t),
    SK: `VENDORCAMPAIGN#${platform}#${vendorId}`,
  }),
  content: (t: string, campaignId: string, sha256: string, part: number) => ({
    PK: tenant(t),
    SK: `CONTENT#${bareId(campaignId)}#${sha256}#${part}`,
  }),
  operation: (t: string, campaignId: string, operationId: string) => ({
    PK: tenant(t),
    SK: `OPERATION#${bareId(campaignId)}#${bareId(operationId)}`,
  }),
  /** A pointer to a campaign whose send has no outcome yet. */
  claim: (t: string, campaignId: string) => ({ PK: tenant(t), SK: `CLAIM#${bareId(campaignId)}` }),
  /** Vanishes after a day. */
  sentContent: (t: string, audienceId: string, fingerprint: string, campaignId: string) => ({
    PK: tenant(t),
    SK: `SENTCONTENT#${bareId(audienceId)}#${fingerprint}#${bareId(campaignId)}`,
  }),
  report: (t: string, campaignId: string, date: string) => ({ PK: tenant(t), SK: `REPORT#${bareId(campaignId)}#${date}` }),
  latestReport: (t: string, campaignId: string) => ({ PK: tenant(t), SK: `REPORT#${bareId(campaignId)}#LATEST` }),
  /** By the vendor's id of the campaign, so that a webhook need not look it up; among the suppressions, where it may write. */
  liveCounts: (t: string, platform: string, campaignVendorId: string) => ({
    PK: `${tenant(t)}#SUPPRESSION#LIVE`,
    SK: `${platform}#${campaignVendorId}`,
  }),
  /** Sixteen partitions per tenant: ten million addresses must not share one. */
  suppression: (t: string, hash: string) => ({ PK: suppressionPk(t, hash.slice(0, 1)), SK: hash }),
  /** Departures that no webhook told of, by person; among the suppressions, where a webhook may write. */
  untold: (t: string, audienceId: string, { addressHash, kind, generation }: UntoldKey) => ({
    ...keys.untoldOf(t, audienceId),
    SK: `${addressHash}#${kind}#${generation}`,
  }),
  untoldOf: (t: string, audienceId: string) => ({ PK: suppressionPk(t, `UNTOLD#${bareId(audienceId)}`) }),
  erasure: (t: string, hash: string) => ({ PK: tenant(t), SK: `ERASURE#${hash}` }),
  /** A pointer to an erasure that is not complete. */
  openErasure: (t: string, hash: string) => ({ PK: tenant(t), SK: `OPENERASURE#${hash}` }),
  syncRun: (t: string, runId: string) => {
    const [task, ulid] = runId.slice('sync_'.length).split('-');
    return { PK: tenant(t), SK: `SYNC#${task}#${ulid}` };
  },
  lease: (t: string, task: string) => ({ PK: tenant(t), SK: `LEASE#${task}` }),
  cursor: (t: string, task: string, scope: string) => ({ PK: tenant(t), SK: `CURSOR#${task}#${scope}` }),
  idempotency: (t: string, key: string) => ({ PK: tenant(t), SK: `IDEMPOTENCY#${key}` }),
  rate: (t: string, minute: number) => ({ PK: `RATE#${t}#${minute}`, SK: 'RATE' }),
  /** A partition of its own: it only grows, and rights can tell it from what may be changed. */
  auditEntry: (t: string, id: string) => ({ PK: `AUDIT#${t}`, SK: bareId(id) }),
} as const;

/** The beginning that all items of a kind share, for queries. */
export const prefixes = {
  connection: 'CONNECTION#',
  apiKey: 'APIKEY#',
  hook: (platform: string) => `HOOK#${platform}#`,
  audience: (platform: string) => `AUDIENCE#${platform}#`,
  template: (platform: string) => `TEMPLATE#${platform}#`,
  automation: (platform: string) => `AUTOMATION#${platform}#`,
  campaign: 'CAMPAIGN#',
  content: (campaignId: string) => `CONTENT#${bareId(campaignId)}#`,
  operation: (campaignId: string) => `OPERATION#${bareId(campaignId)}#`,
  claim: 'CLAIM#',
  openErasure: 'OPENERASURE#',
  sentContent: (audienceId: string, fingerprint: string) => `SENTCONTENT#${bareId(audienceId)}#${fingerprint}#`,
  report: (campaignId: string) => `REPORT#${bareId(campaignId)}#`,
  syncRun: (task: string) => `SYNC#${task}#`,
  cursor: (task: string) => `CURSOR#${task}#`,
} as const;

export const SHARDS = '0123456789abcdef'.split('');
export const tenantPk = tenant;
/** One of the sixteen partitions of a tenant's suppressions. */
export function suppressionPk(t: string, shard: string): string {
  return `${tenant(t)}#SUPPRESSION#${shard}`;
}

const INDEXED_AS = { connected: '', disabled: 'DISABLED#', dead: 'DEAD#' } as const;

/**
 * GSI1: the tenants of a platform by how their connection stands. The dispatcher visits those that are connected and those whose
 * account is disabled; each has partitions of its own, so nobody else is read. Sparse.
 */
export const gsi1 = {
  name: 'GSI1',
  pk: (platform: string, which: keyof typeof INDEXED_AS, shard: string) => `CONNECTED#${platform}#${INDEXED_AS[which]}${shard}`,
  /** The shard follows from the tenant's id. */
  keys: (platform: string, which: keyof typeof INDEXED_AS, tenantId: string, shard: string) => ({
    GSI1PK: gsi1.pk(platform, which, shard),
    GSI1SK: tenantId,
  }),
};

/** GSI2: active suppressions by time, newest first. +1 WRU per suppression written. Sparse. */
export const gsi2 = {
  name: 'GSI2',
  pk: suppressionPk,
  keys: (tenantId: string, hash: string, since: string) => ({
    GSI2PK: gsi2.pk(tenantId, hash.slice(0, 1)),
    GSI2SK: `${since}#${hash}`,
  }),
};
