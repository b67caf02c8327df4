import * as z from 'zod';
import { platformSchema, timeSchema } from './common.ts';
import { reasonSchema } from './suppression.ts';

/** What was done where. No field holds an address: the caller knows it, and nobody else needs to. */
export const erasureAnswer = z.object({
  /** Whether nothing is left to do, here and at every platform. */
  erased: z.boolean(),
  here: z.object({
    /** From the first request on. */
    suppressed: z.literal(true),
    /** In this request; a repetition finds nothing left to forget. */
    addressesForgotten: z.number().int(),
    textsForgotten: z.number().int(),
    /** Other addresses of the person that the platform told of, by an address that was changed. */
    aliases: z.number().int(),
    /** Suppressed, and kept until every platform was asked for them. */
    aliasesWaiting: z.number().int(),
  }),
  vendor: z.array(z.object({ audienceId: z.string(), name: z.string(), outcome: z.enum(['erased', 'absent', 'failed']) })),
  /** What to do next; `null` when nothing is. */
  remaining: z.string().nullable(),
});

const heldRecord = z.object({
  /** `null` once erased. */
  email: z.string().nullable(),
  /** The keyed hash under which the person is suppressed and named in the audit trail. */
  addressHash: z.string(),
  suppressed: z.boolean(),
  reason: reasonSchema.nullable(),
  since: timeSchema.nullable(),
  erasedAt: timeSchema.nullable(),
  /** Everything that was said, lifts and what they cancelled included, the first first. */
  facts: z.array(
    z.object({
      kind: z.string(),
      via: z.string(),
      platform: platformSchema.nullable(),
      audienceId: z.string().nullable(),
      audienceName: z.string().nullable(),
      campaignId: z.string().nullable(),
      at: timeSchema,
      /** When it was last told. */
      againAt: timeSchema,
      text: z.string().nullable(),
      /** Who suppressed or lifted by hand. */
      actor: z.string().nullable(),
    }),
  ),
});

export const contactAnswer = z.object({
  /** Whether anything at all is held. */
  held: z.boolean(),
  addressHash: z.string(),
  /** What is known under the address itself; `null` when nobody ever told of it. */
  record: heldRecord.nullable(),
  /** The person's other addresses, as far as the platform told that an address was changed. */
  aliases: z.array(heldRecord),
  /** Where the trail of what was done to the person is read: kept for ever, naming hashes only. */
  audit: z.array(z.string()),
  /** Ask there for what the platform holds: it is not copied here. */
  platforms: z.array(
    z.object({
      platform: platformSchema,
      status: z.string(),
      audiences: z.array(z.object({ audienceId: z.string(), vendorId: z.string(), name: z.string() })),
    }),
  ),
  statements: z.array(z.string()),
});
