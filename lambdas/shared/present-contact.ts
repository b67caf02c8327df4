import type * as z from 'zod';
import type { contactAnswer, erasureAnswer } from '../../src/contract/contact.ts';
import type { Erasure } from '../../src/core/contact/erase-contact.ts';
import type { Suppression } from '../../src/core/suppression/suppression.ts';

const REMAINING: Readonly<Record<Erasure['unreached'][number], string>> = {
  disconnected: 'A platform is disconnected and may hold the person still: reconnect it, then send the same request again.',
  failed: 'A platform did not carry it out everywhere: send the same request again; if it keeps failing, see the connection.',
  moved_meanwhile: 'The platform told of another address of the person meanwhile: send the same request again.',
};

export const presentErasure = ({ erased, here, vendor, unreached }: Erasure): z.output<typeof erasureAnswer> => ({
  erased,
  here: {
    suppressed: true,
    addressesForgotten: here.addressesForgotten,
    textsForgotten: here.textsForgotten,
    aliases: here.hashesKept.length - 1,
    aliasesWaiting: here.aliasesWaiting,
  },
  vendor,
  remaining: erased ? null : unreached.map((reason) => REMAINING[reason]).join(' '),
});

/**
 * One record with every fact, not only those that count.
 * @param audiences names by id
 * @param campaignIds our ids by the vendor's
 */
export const presentHeld = (
  { email, addressHash, reason, since, facts }: Suppression,
  audiences: ReadonlyMap<string, string>,
  campaignIds: ReadonlyMap<string, string>,
): z.output<typeof contactAnswer>['aliases'][number] => {
  const all = Object.values(facts).sort((a, b) => (a.at < b.at ? -1 : 1));
  return {
    email,
    addressHash,
    suppressed: reason !== null,
    reason,
    since,
    erasedAt: all.find(({ kind }) => kind === 'erasure')?.at ?? null,
    facts: all.map((fact) => ({
      kind: fact.kind,
      via: fact.via,
      platform: fact.platform,
      audienceId: fact.audienceId,
      audienceName: (fact.audienceId && audiences.get(fact.audienceId)) ?? null,
      campaignId: (fact.campaignVendorId && campaignIds.get(fact.campaignVendorId)) ?? null,
      at: fact.at,
      againAt: fact.againAt,
      text: fact.vendorReason,
      actor: fact.actor,
    })),
  };
};

const NOT_HELD = [
  'No names, profiles, opens or clicks of single people are held here, and no list of who received a campaign: only who must not be mailed, and why.',
  'What a platform holds about the person is held there alone. Ask it there, audience by audience, under every address named here.',
  'The audit trail and the logs name a person by the keyed hash of the address only. Backups are described in the documentation.',
];
const ERASED = 'The person was erased. The keyed hash and the bare facts stay, so that they are never mailed or imported again.';
const UNKNOWN = 'Nothing is held under this address.';

/** What is held in words, and what is not. */
export const statementsOn = (record: Suppression | undefined, held: boolean): string[] => {
  const isErased = record !== undefined && Object.values(record.facts).some(({ kind }) => kind === 'erasure');
  return [...(held ? [] : [UNKNOWN]), ...(isErased ? [ERASED] : []), ...NOT_HELD];
};
