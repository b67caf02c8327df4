import { tenantSchema, type TenantStore } from '../core/tenant/tenant.ts';
import { AppError } from '../core/shared/app-error.ts';
import { keys } from './keys.ts';
import { IF_NEW } from './condition.ts';
import { type Table } from './table.ts';

export const makeTenantStore = (table: Table): TenantStore => ({
  async get(tenantId) {
    const item = await table.get(keys.tenant(tenantId));
    return item && tenantSchema.parse(item);
  },
  async create(tenant) {
    const isNew = await table.put({ ...keys.tenant(tenant.id), ...tenant }, IF_NEW);
    if (!isNew) throw new AppError('service_unavailable', 'The tenant exists already.');
  },
});
