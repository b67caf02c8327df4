import type * as z from 'zod';
import type { contactAnswer } from '../../src/contract/contact.ts';
import type { Untold } from '../../src/core/suppression/drift.ts';
import type { Suppression } from '../../src/core/suppression/suppression.ts';

export interface HeldBesides {
  /** Names of audiences by id. */
  names: ReadonlyMap<string, string>;
  /** Our ids of campaigns by the vendor's. */
  campaignIds: ReadonlyMap<string, string>;
  campaignsCutOff: number;
  /** By audience. */
  untold: readonly (Untold & { audienceId: string })[];
}

/** One record with every fact, not only those that count, and what else is kept under its hash. */
export const presentHeld = (
  { email, addressHash, reason, since, facts, successors, predecessors }: Suppression,
  { names, campaignIds, campaignsCutOff, untold }: HeldBesides,
): NonNullable<z.output<typeof contactAnswer>['record']> => {
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
      audienceName: (fact.audienceId && names.get(fact.audienceId)) ?? null,
      campaignId: (fact.campaignVendorId && campaignIds.get(fact.campaignVendorId)) ?? null,
      campaignVendorId: fact.campaignVendorId,
      at: fact.at,
      againAt: fact.againAt,
      webhookAt: fact.webhookAt,
      syncAt: fact.syncAt,
      text: fact.vendorReason,
      actor: fact.actor,
    })),
    campaignsCutOff,
    untold: untold.map(({ audienceId, kind, changedAt, foundAt, healedAt, toldAt }) => ({
      audienceId,
      audienceName: names.get(audienceId) ?? null,
      kind,
      changedAt,
      foundAt,
      healedAt,
      toldAt,
    })),
    links: { successors, predecessors },
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
