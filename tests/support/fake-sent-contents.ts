import type { SentContent, SentContentStore } from '../../src/core/campaign/sent-content.ts';
import { tick } from './test-clock.ts';

export interface FakeSentContents extends SentContentStore {
  /** By tenant, audience, fingerprint and campaign. Nothing vanishes by itself. */
  readonly notes: Map<string, SentContent>;
}

export function fakeSentContents(): FakeSentContents {
  const notes = new Map<string, SentContent>();
  return {
    notes,
    async find(tenantId, audienceId, fingerprint) {
      await tick();
      const start = `${tenantId}/${audienceId}/${fingerprint}/`;
      return [...notes].filter(([key]) => key.startsWith(start)).map(([, note]) => ({ ...note }));
    },
    async note(tenantId, audienceId, fingerprint, sent) {
      await tick();
      notes.set(`${tenantId}/${audienceId}/${fingerprint}/${sent.campaignId}`, { ...sent });
    },
  };
}
