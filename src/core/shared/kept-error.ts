import * as z from 'zod';
import type { AppError } from './app-error.ts';
import { ERROR_CODES } from './errors.ts';

/** What a vendor said, in its own words, freed of addresses. */
export const vendorProblemSchema = z.object({
  status: z.number().nullable(),
  title: z.string().nullable(),
  detail: z.string().nullable(),
  instance: z.string().nullable(),
  requestId: z.string().nullable(),
  at: z.string(),
});

/** An error as it is kept on a record: what a person needs later to understand and mend it. */
export const keptErrorSchema = z.object({
  code: z.enum(ERROR_CODES),
  cause: z.string(),
  fix: z.string(),
  vendor: vendorProblemSchema.nullable(),
});
export type KeptError = z.infer<typeof keptErrorSchema>;

export const toKeptError = (error: AppError): KeptError => ({
  code: error.code,
  cause: error.reason,
  fix: error.fix,
  vendor: error.extras.vendor ?? null,
});
