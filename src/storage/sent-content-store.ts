import * as z from 'zod';
import type { SentContentStore } from '../core/campaign/sent-content.ts';
import { toEpochSeconds } from '../core/shared/clock.ts';
import { keys, prefixes } from './keys.ts';
import type { Table } from './table.ts';

const noteSchema = z.object({ campaignId: z.string(), at: z.string() });

export const makeSentContentStore = (table: Table): SentContentStore => ({
  async find(tenantId, audienceId, fingerprint) {
    const items = await table.all(tenantId, prefixes.sentContent(audienceId, fingerprint));
    return items.map((item) => noteSchema.parse(item));
  },
  async note(tenantId, audienceId, fingerprint, sent, expiresAtMs) {
    await table.put({
      ...keys.sentContent(tenantId, audienceId, fingerprint, sent.campaignId),
      ...sent,
      expiresAt: toEpochSeconds(expiresAtMs),
    });
  },
});
