import * as z from 'zod';
import { ERROR_CODES } from '../core/shared/errors.ts';
import { PLATFORM_IDS } from '../core/shared/platform-id.ts';

/** What a caller may name; naming one that is not served is a contradiction, not a typing error. */
export const namedPlatformSchema = z.enum([...PLATFORM_IDS, 'klaviyo', 'resend']);

export const timeSchema = z.iso.datetime();
/** Percent with one decimal; `null` when the denominator is 0 or a part is unknown. */
export const rateSchema = z.number().nullable();
/** A count the vendor did not give is `null`, never 0. */
export const countSchema = z.number().int().nullable();

export const pageQuery = {
  limit: z.coerce.number().int().min(1, 'must be at least 1').max(1000, 'must be at most 1000').default(50),
  cursor: z.string().max(2048).optional(),
};
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const vendorProblemSchema = z.object({
  status: z.number().nullable(),
  title: z.string().nullable(),
  detail: z.string().nullable(),
  instance: z.string().nullable(),
  requestId: z.string().nullable(),
  at: timeSchema,
});

/** RFC 9457 with our code, the cause and the fix. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string(),
  code: z.enum(ERROR_CODES),
  cause: z.string(),
  fix: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  vendor: vendorProblemSchema.optional(),
});

/** An error kept on a record, such as a campaign's or a connection's. */
export const keptErrorSchema = z.object({
  code: z.enum(ERROR_CODES),
  cause: z.string(),
  fix: z.string(),
  vendor: vendorProblemSchema.nullable(),
});
export const acceptedRunSchema = z.object({ runId: z.string() });
