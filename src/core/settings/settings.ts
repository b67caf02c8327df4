import * as z from 'zod';

export const settingsSchema = z.object({
  senderEmail: z.string().nullable(),
  senderName: z.string().nullable(),
  defaultPlatform: z.string().nullable(),
  timezone: z.string().nullable(),
  /** How long a send may be taken back before it goes out, s; 0 sends at once. */
  undoWindowSeconds: z.number().int().default(0),
  version: z.number().int(),
});
export type Settings = z.infer<typeof settingsSchema>;

export const NO_SETTINGS: Settings = {
  senderEmail: null,
  senderName: null,
  defaultPlatform: null,
  timezone: null,
  undoWindowSeconds: 0,
  version: 0,
};

export interface SettingsStore {
  get(tenantId: string): Promise<Settings>;
  /** Writes only over the version read. @throws AppError `service_unavailable` when another writer came first */
  put(tenantId: string, settings: Settings): Promise<void>;
}
