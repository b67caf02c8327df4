import { NO_SETTINGS, settingsSchema, type SettingsStore } from '../core/settings/settings.ts';
import { AppError } from '../core/shared/app-error.ts';
import { keys } from './keys.ts';
import { ifVersion } from './condition.ts';
import { type Table } from './table.ts';

export const makeSettingsStore = (table: Table): SettingsStore => ({
  async get(tenantId) {
    const item = await table.get(keys.settings(tenantId));
    return item ? settingsSchema.parse(item) : NO_SETTINGS;
  },
  async put(tenantId, settings) {
    const written = await table.put(
      { ...keys.settings(tenantId), ...settings, version: settings.version + 1 },
      ifVersion(settings.version),
    );
    if (!written)
      throw new AppError('service_unavailable', 'The settings were changed at the same moment.', { retryAfterSeconds: 1 });
  },
});
