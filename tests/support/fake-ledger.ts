import type { Claim, ClaimStore } from '../../src/core/campaign/claim.ts';
import type { Operation, OperationStore } from '../../src/core/campaign/operation.ts';
import { tick } from './test-clock.ts';

export interface FakeOperations extends OperationStore {
  /** By campaign and operation. */
  readonly kept: Map<string, Operation>;
}

/** Like the table's: a copy that knows less never replaces one that knows more. */
export function fakeOperations(): FakeOperations {
  const kept = new Map<string, Operation>();
  return {
    kept,
    async put(_tenantId, campaignId, operation) {
      await tick();
      const key = `${campaignId}/${operation.id}`;
      const known = kept.get(key);
      if (!known || known.revision <= operation.revision) kept.set(key, structuredClone(operation));
    },
    async list(_tenantId, campaignId) {
      await tick();
      return [...kept]
        .filter(([key]) => key.startsWith(`${campaignId}/`))
        .map(([, operation]) => structuredClone(operation))
        .sort((a, b) => (a.id < b.id ? 1 : -1));
    },
  };
}

export interface FakeClaims extends ClaimStore {
  readonly open: Map<string, Claim>;
}

export function fakeClaims(): FakeClaims {
  const open = new Map<string, Claim>();
  return {
    open,
    async put(tenantId, claim) {
      await tick();
      open.set(`${tenantId}/${claim.campaignId}`, claim);
    },
    async remove(tenantId, campaignId, claimId) {
      await tick();
      if (open.get(`${tenantId}/${campaignId}`)?.claimId === claimId) open.delete(`${tenantId}/${campaignId}`);
    },
    async list(tenantId) {
      await tick();
      return [...open].filter(([key]) => key.startsWith(`${tenantId}/`)).map(([, claim]) => claim);
    },
  };
}
