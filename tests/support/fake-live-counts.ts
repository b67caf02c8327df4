import type { LiveCounts, LiveCountStore } from '../../src/core/campaign/live-counts.ts';
import { tick } from './test-clock.ts';

export interface FakeLiveCounts extends LiveCountStore {
  /** By the vendor's id of the campaign. */
  readonly held: Map<string, LiveCounts>;
}

const NONE: LiveCounts = { unsubscribes: 0, bounces: 0, complaints: 0 };

export function fakeLiveCounts(): FakeLiveCounts {
  const held = new Map<string, LiveCounts>();
  return {
    held,
    async count(_tenantId, _platform, campaignVendorId, kind) {
      await tick();
      const counts = held.get(campaignVendorId) ?? NONE;
      held.set(campaignVendorId, { ...counts, [kind]: counts[kind] + 1 });
    },
    async read(_tenantId, _platform, campaignVendorId) {
      await tick();
      return held.get(campaignVendorId) ?? NONE;
    },
    async reset(_tenantId, _platform, campaignVendorId) {
      await tick();
      held.delete(campaignVendorId);
    },
  };
}
