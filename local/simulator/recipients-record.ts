import * as z from 'zod';

/** Whom a mailing went to, kept small: one number for a person who is stored, and none for one who is computed. */
export const recipientsRecord = z.object({
  /** The generated people who were subscribed, but for those at these places; absent when none of them was meant. */
  generated: z.object({ except: z.array(z.number()) }).optional(),
  /** Sequence numbers of stored members. */
  rows: z.array(z.number()),
});
export type Recipients = z.infer<typeof recipientsRecord>;
