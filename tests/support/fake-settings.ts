import { NO_SETTINGS, type Settings, type SettingsStore } from '../../src/core/settings/settings.ts';
import type { Tenant, TenantStore } from '../../src/core/tenant/tenant.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import { tick } from './test-clock.ts';

export function fakeTenants(...present: readonly Tenant[]): TenantStore {
  const tenants = new Map(present.map((tenant) => [tenant.id, tenant]));
  return {
    async get(id) {
      await tick();
      return tenants.get(id);
    },
    async create(tenant) {
      await tick();
      if (tenants.has(tenant.id)) throw new AppError('service_unavailable', 'The tenant exists already.');
      tenants.set(tenant.id, tenant);
    },
  };
}

export function fakeSettings(initial: Readonly<Record<string, Settings>> = {}): SettingsStore {
  const held = new Map(Object.entries(initial));
  return {
    async get(tenantId) {
      await tick();
      return held.get(tenantId) ?? NO_SETTINGS;
    },
    async put(tenantId, settings) {
      await tick();
      if ((held.get(tenantId)?.version ?? 0) !== settings.version)
        throw new AppError('service_unavailable', 'The settings were changed at the same moment.');
      held.set(tenantId, { ...settings, version: settings.version + 1 });
    },
  };
}
