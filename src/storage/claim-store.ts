import * as z from 'zod';
import type { ClaimStore } from '../core/campaign/claim.ts';
import { keys, prefixes } from './keys.ts';
import type { Table } from './table.ts';

const claimSchema = z.object({ campaignId: z.string(), claimId: z.string(), at: z.string() });

export const makeClaimStore = (table: Table): ClaimStore => ({
  async put(tenantId, claim) {
    await table.put({ ...keys.claim(tenantId, claim.campaignId), ...claim });
  },
  async remove(tenantId, campaignId, claimId) {
    await table.delete(keys.claim(tenantId, campaignId), {
      ConditionExpression: 'claimId = :mine',
      ExpressionAttributeValues: { ':mine': claimId },
    });
  },
  async list(tenantId) {
    return (await table.all(tenantId, prefixes.claim)).map((item) => claimSchema.parse(item));
  },
});
