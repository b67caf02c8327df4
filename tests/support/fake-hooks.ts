import type { Hook, HookStore } from '../../src/core/webhook/hook.ts';
import { tick } from './test-clock.ts';

export interface FakeHooks extends HookStore {
  readonly records: Map<string, Hook>;
  readonly deliveries: Map<string, string>;
}

/** Hooks by their secret's hash; the list leaves out the disconnected ones, as the table's does. */
export function fakeHooks(...present: readonly Hook[]): FakeHooks {
  const records = new Map(present.map((hook) => [hook.secretHash, hook]));
  const deliveries = new Map<string, string>();
  return {
    records,
    deliveries,
    async findBySecretHash(hash) {
      await tick();
      return structuredClone(records.get(hash));
    },
    async put(hook) {
      await tick();
      records.set(hook.secretHash, structuredClone(hook));
    },
    async list(tenantId) {
      await tick();
      const all = [...records.values()].filter((hook) => hook.tenantId === tenantId);
      return structuredClone(all.filter(({ status }) => status !== 'disconnected'));
    },
    async remove(hook) {
      await tick();
      records.delete(hook.secretHash);
    },
    async lastDelivery(_tenantId, hookId) {
      await tick();
      return deliveries.get(hookId) ?? null;
    },
    async recordDelivery(_tenantId, hookId, at) {
      await tick();
      deliveries.set(hookId, at);
    },
  };
}
