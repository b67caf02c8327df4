import type { Campaign, CampaignStore, ContentStore } from '../../src/core/campaign/campaign.ts';
import { sha256 } from '../../src/core/shared/ids.ts';
import { tick } from './test-clock.ts';

export interface FakeCampaigns extends CampaignStore {
  readonly records: Map<string, Campaign>;
  readonly removed: string[];
}

/** Campaigns guarded by their version like the table's. */
export function fakeCampaigns(): FakeCampaigns {
  const records = new Map<string, Campaign>();
  const removed: string[] = [];
  const ofTenant = (tenantId: string): Campaign[] =>
    [...records.values()].filter((campaign) => campaign.tenantId === tenantId).map((campaign) => structuredClone(campaign));
  return {
    records,
    removed,
    async get(tenantId, id) {
      await tick();
      return ofTenant(tenantId).find((campaign) => campaign.id === id);
    },
    async findByVendorId(tenantId, _platform, vendorId) {
      await tick();
      return ofTenant(tenantId).find((campaign) => campaign.vendorId === vendorId);
    },
    async save(campaign) {
      await tick();
      if ((records.get(campaign.id)?.version ?? 0) !== campaign.version) return undefined;
      const saved = { ...structuredClone(campaign), version: campaign.version + 1 };
      records.set(saved.id, saved);
      return structuredClone(saved);
    },
    async remove({ id, version }) {
      await tick();
      if (records.get(id)?.version !== version) return false;
      records.delete(id);
      removed.push(id);
      return true;
    },
    async list(tenantId, limit, before) {
      await tick();
      const all = ofTenant(tenantId)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .filter(({ id }) => before === null || id < before);
      const items = all.slice(0, limit);
      return { items, next: all.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
    async *all(tenantId) {
      await tick();
      yield* ofTenant(tenantId);
    },
  };
}

export interface FakeContents extends ContentStore {
  readonly stored: Map<string, string>;
}

export function fakeContents(): FakeContents {
  const stored = new Map<string, string>();
  return {
    stored,
    async put(_tenantId, campaignId, html) {
      await tick();
      stored.set(`${campaignId}/${sha256(html)}`, html);
      return { kind: 'html', sha256: sha256(html), parts: 1 };
    },
    async get(_tenantId, campaignId, ref) {
      await tick();
      if (ref.kind !== 'html') return '';
      const html = stored.get(`${campaignId}/${ref.sha256}`);
      if (html === undefined) throw new Error('A part of the content is missing.');
      return html;
    },
    async removeAll(_tenantId, campaignId) {
      await tick();
      for (const key of stored.keys()) if (key.startsWith(`${campaignId}/`)) stored.delete(key);
    },
  };
}
