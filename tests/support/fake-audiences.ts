import type { Audience, AudienceStore } from '../../src/core/audience/audience.ts';
import type { Template, TemplateStore } from '../../src/core/audience/template.ts';
import type { Automation, AutomationStore } from '../../src/core/automation/automation.ts';
import { tick } from './test-clock.ts';

export interface FakeAudiences extends AudienceStore {
  records: Audience[];
  readonly counts: Map<string, Audience>;
}

export function fakeAudiences(...present: Audience[]): FakeAudiences {
  const store: FakeAudiences = {
    records: present,
    counts: new Map(),
    async get(tenantId, _platform, id) {
      await tick();
      return store.records.find((one) => one.tenantId === tenantId && one.id === id);
    },
    async list(tenantId) {
      await tick();
      return store.records.filter((one) => one.tenantId === tenantId);
    },
    async putAll(audiences) {
      await tick();
      const ids = new Set(audiences.map(({ id }) => id));
      store.records = [...store.records.filter(({ id }) => !ids.has(id)), ...audiences];
    },
    async putCount(audience, date) {
      await tick();
      store.counts.set(`${audience.id}/${date}`, audience);
    },
    async removeAll(tenantId) {
      await tick();
      store.records = store.records.filter((one) => one.tenantId !== tenantId);
    },
  };
  return store;
}

/** A set of a tenant's things that is only ever replaced as a whole. */
function fakeSet<T extends { id: string; tenantId: string; platform: string }>(present: T[]) {
  const held = { records: present };
  const others = (tenantId: string, platform: string) => (one: T) => one.tenantId !== tenantId || one.platform !== platform;
  return {
    held,
    async get(tenantId: string, platform: string, id: string): Promise<T | undefined> {
      await tick();
      return held.records.find((one) => !others(tenantId, platform)(one) && one.id === id);
    },
    async list(tenantId: string, platform: string): Promise<T[]> {
      await tick();
      return held.records.filter((one) => !others(tenantId, platform)(one));
    },
    async replaceAll(tenantId: string, platform: string, wanted: readonly T[]): Promise<void> {
      await tick();
      held.records = [...held.records.filter(others(tenantId, platform)), ...wanted];
    },
  };
}

export const fakeTemplates = (...present: Template[]): TemplateStore & { held: { records: Template[] } } => fakeSet(present);
export const fakeAutomations = (...present: Automation[]): AutomationStore & { held: { records: Automation[] } } =>
  fakeSet(present);
