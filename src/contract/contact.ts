import * as z from 'zod';
import { timeSchema } from './common.ts';
import { reasonSchema } from './suppression.ts';
import { platformIdSchema } from '../core/shared/platform-id.ts';

const audienceOutcome = z.object({
  audienceId: z.string(),
  name: z.string(),
  /** `absent`: not there, or not any more, when the platform was asked. `waiting`: not asked yet. */
  outcome: z.enum(['erased', 'absent', 'failed', 'waiting']),
  /** Why it failed; see the list of errors. */
  code: z.string().nullable(),
});

/** What was done where. No field holds an address: the caller knows it, and nobody else needs to. */
export const erasureAnswer = z.object({
  /** Whether nothing of what was asked for is left to do, here and at every platform. */
  erased: z.boolean(),
  here: z.object({
    /** From the first request on. */
    suppressed: z.literal(true),
    /** In this request; a repetition finds nothing left to forget. */
    addressesForgotten: z.number().int(),
    textsForgotten: z.number().int(),
    /** Other addresses that the platform linked to this one, by an address that was changed; up to 50. */
    aliases: z.number().int(),
    /** Those of them that are erased here as well. The others stay as they are. */
    aliasesErased: z.number().int(),
    /** Whether there are more than 50. */
    aliasesCutOff: z.boolean(),
  }),
  vendor: z.array(audienceOutcome),
  /** What was not done, whether it goes on by itself, and what to do; `null` when nothing is left. */
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
      platform: platformIdSchema.nullable(),
      audienceId: z.string().nullable(),
      audienceName: z.string().nullable(),
      campaignId: z.string().nullable(),
      /** The platform's own id of the campaign. */
      campaignVendorId: z.string().nullable(),
      at: timeSchema,
      /** When it was last told. */
      againAt: timeSchema,
      /** When a webhook told it last, and when a sync did. */
      webhookAt: timeSchema.nullable(),
      syncAt: timeSchema.nullable(),
      text: z.string().nullable(),
      /** Who suppressed or lifted by hand. */
      actor: z.string().nullable(),
    }),
  ),
  /** How many campaigns the facts name whose `campaignId` was not looked up, and is `null` for that. */
  campaignsCutOff: z.number().int(),
  /** Departures that a sync found before any webhook told of them; kept for 35 days. */
  untold: z.array(
    z.object({
      audienceId: z.string(),
      audienceName: z.string().nullable(),
      kind: z.enum(['unsubscribe', 'bounce', 'complaint']),
      changedAt: timeSchema,
      foundAt: timeSchema,
      healedAt: timeSchema.nullable(),
      toldAt: timeSchema.nullable(),
    }),
  ),
  /** The keyed hashes of the addresses that this one moved to, and of those that moved to it. */
  links: z.object({ successors: z.array(z.string()), predecessors: z.array(z.string()) }),
});

/** How far an erasure has got. */
const erasureProgress = z.object({
  state: z.enum(['open', 'complete']),
  begunAt: timeSchema,
  completedAt: timeSchema.nullable(),
  /** Why a platform could not be asked, as an error code. */
  problem: z.string().nullable(),
  /** The keyed hashes of the addresses that are erased together with this one. */
  aliases: z.array(z.string()),
  /** Audiences that were asked, or that failed. `name` is `null` where the audience is not known here any more. */
  audiences: z.array(audienceOutcome.extend({ name: z.string().nullable() })),
});

export const contactAnswer = z.object({
  /** Whether anything at all is held. */
  held: z.boolean(),
  addressHash: z.string(),
  /** What is known under the address itself; `null` when nobody ever told of it. */
  record: heldRecord.nullable(),
  /** The erasure that somebody asked for under this address; `null` when nobody did. */
  erasure: erasureProgress.nullable(),
  /** Other addresses that are linked to this one, because the platform told that an address was changed. Some may be other people's. */
  aliases: z.array(heldRecord.extend({ erasure: erasureProgress.nullable() })),
  /** Whether more addresses are linked than the 50 that are shown. */
  aliasesCutOff: z.boolean(),
  /** Where the trail of what was done to the person is read: kept for ever, naming hashes only. */
  audit: z.array(z.string()),
  /** Ask there for what the platform holds: it is not copied here. */
  platforms: z.array(
    z.object({
      platform: platformIdSchema,
      status: z.string(),
      audiences: z.array(z.object({ audienceId: z.string(), vendorId: z.string(), name: z.string() })),
    }),
  ),
  statements: z.array(z.string()),
});
