import * as z from 'zod';

/** Which members of a list are meant, as campaigns and saved segments say it. */
export const segmentOptions = z.object({
  saved_segment_id: z.number().int().optional(),
  match: z.enum(['any', 'all']).optional(),
  conditions: z
    .array(z.object({ condition_type: z.string(), field: z.string().optional(), op: z.string().optional(), value: z.unknown() }))
    .optional(),
});
export type SegmentOptions = z.infer<typeof segmentOptions>;
