import * as z from 'zod';

/**
 * Every platform the service knows, once. A new one does not compile until `src/providers/registry.ts` opens it and each
 * place that differs by platform has an answer for it: docs/adding-a-platform.md.
 */
export const PLATFORM_IDS = ['mailchimp'] as const;
export const platformIdSchema = z.enum(PLATFORM_IDS);
export type PlatformId = z.output<typeof platformIdSchema>;
