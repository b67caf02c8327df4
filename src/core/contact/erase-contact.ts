import { SECOND, toIso } from '../shared/clock.ts';
import { normalizeEmail } from '../shared/email-address.ts';
import type { Metrics } from '../shared/metrics.ts';
import { findAliases, type Aliases } from '../suppression/find-aliases.ts';
import type { Suppression } from '../suppression/suppression.ts';
import type { SuppressionDeps } from '../suppression/suppress.ts';
import { isErased } from '../suppression/without-person.ts';
import { completeErasure } from './complete-erasure.ts';
import { eraseAtPlatforms, type EraseAtPlatformsDeps, type Reached } from './erase-at-platforms.ts';
import { forgetHere } from './forget-here.ts';
import { beginErasure, joinIds, type AudienceProgress, type ContactIdsOf, type Erasure } from './erasure.ts';

export interface EraseContactDeps extends EraseAtPlatformsDeps, SuppressionDeps {
  metrics: Metrics;
  contactIdsOf: ContactIdsOf;
}

/** A request ends at 30 s. */
const WORK_WITHIN_MS = 20 * SECOND;
/** Behind the end of the request, which carries most erasures out itself. */
const FOLLOW_UP_AFTER_SECONDS = 60;

export interface AudienceOutcome {
  audienceId: string;
  name: string;
  /** `absent`: not there, or not there any more, when the platform was asked. */
  outcome: 'erased' | 'absent' | 'failed' | 'waiting';
  /** Why it failed, as an error code. */
  code: string | null;
}

export interface ErasureAnswer {
  /** Whether nothing of what was asked for is left to do, here and at every platform. */
  erased: boolean;
  addressHash: string;
  here: {
    /** Records that held an address and hold it no more, in this request. */
    addressesForgotten: number;
    /** Notes and reasons in free words that were removed, in this request. */
    textsForgotten: number;
  };
  /** Keyed hashes of other addresses that the platform linked to this one: those erased, and those left as they are. */
  aliases: { erased: string[]; left: string[]; cutOff: boolean };
  vendor: AudienceOutcome[];
  /** What keeps it from being complete at the platforms; it goes on by itself, but for `away`, once somebody reconnects. */
  obstacle: Reached['obstacle'];
}

/**
 * Deletes a person permanently in every audience at the vendor, and forgets the address here at once; the keyed hash stays, so
 * that they are never mailed again. What the vendor has to be asked for is written down before anything is forgotten, and
 * follow-ups finish what this request does not. Safe to repeat, after a crash as well.
 * @param aliases `include` erases the other addresses as well that the platform linked to this one, by changes of addresses,
 * up to 50: some may be other people's. Otherwise those only are asked for whose erasure was begun and is not complete.
 * Costs one vendor call for the list of audiences, then one for each audience, address and spelling of it.
 */
export async function eraseContact(
  deps: EraseContactDeps,
  tenantId: string,
  email: string,
  aliases: 'include' | 'leave' = 'leave',
): Promise<ErasureAnswer> {
  const now = deps.clock.now();
  const at = toIso(now);
  const addressHash = await deps.hasher.hash(tenantId, normalizeEmail(email));
  const wanted = await chooseAliases(deps, tenantId, addressHash, aliases);
  // First of all, so that a restored table can be told again of whatever happens from here on.
  for (const hash of [addressHash, ...wanted.named]) deps.log.info('contact.erasure_begun', { tenantId, addressHash: hash });
  const erasure = await beginErasure(deps, {
    tenantId,
    addressHash,
    aliases: wanted.hashes,
    contactIds: joinIds(idsOf(deps, [email, ...wanted.emails]), ...wanted.open.map(({ contactIds }) => contactIds)),
    at,
  });
  await deps.followups.send({ kind: 'erase', tenantId, addressHash, step: erasure.step }, FOLLOW_UP_AFTER_SECONDS);
  const forgotten = await forgetHere(deps, erasure, at);
  const reached = await eraseAtPlatforms(deps, erasure, now + WORK_WITHIN_MS);
  const stored = reached.complete && reached.erasure ? await completeErasure(deps, reached.erasure, 'request') : reached.erasure;

  // An address that the vendor told of meanwhile has not been asked for.
  const after = await findAliases(deps, tenantId, addressHash);
  const left = after.aliases.filter((alias) => !isErased(alias));
  const complete = stored?.state === 'complete';
  return {
    erased: complete && (aliases === 'leave' || (left.length === 0 && !after.cutOff)),
    addressHash,
    here: {
      addressesForgotten: forgotten.filter(({ address }) => address).length,
      textsForgotten: forgotten.reduce((sum, { texts }) => sum + texts, 0),
    },
    aliases: { erased: hashesOf(after.aliases.filter(isErased)), left: hashesOf(left), cutOff: after.cutOff },
    vendor: reached.audiences.map((audience) => ({
      ...audience,
      ...outcomeOf(stored?.audiences[audience.audienceId], stored?.problem ?? null),
    })),
    obstacle: complete ? null : (reached.obstacle ?? 'late'),
  };
}

const hashesOf = (records: readonly Suppression[]): string[] => records.map(({ addressHash }) => addressHash).sort();

/** What became of one audience, as far as it was asked. @param problem why the platform could not be asked at all */
export const outcomeOf = (
  progress: AudienceProgress | undefined,
  problem: string | null,
): Pick<AudienceOutcome, 'outcome' | 'code'> => {
  if (progress?.left === 0) return { outcome: progress.found ? 'erased' : 'absent', code: null };
  const code = progress?.code ?? problem;
  return { outcome: code === null ? 'waiting' : 'failed', code };
};

const idsOf = ({ platforms, contactIdsOf }: EraseContactDeps, emails: readonly string[]) =>
  joinIds(...platforms.map((platform) => ({ [platform]: emails.flatMap((email) => contactIdsOf(platform, email)) })));

interface Wanted {
  /** All that are erased together with the given one. */
  hashes: string[];
  /** Those of them that still have an address here. */
  named: string[];
  emails: string[];
  /** Erasures of some of them that are not complete: nobody could ask the vendor for those otherwise. */
  open: Erasure[];
}

async function chooseAliases(
  deps: EraseContactDeps,
  tenantId: string,
  addressHash: string,
  which: 'include' | 'leave',
): Promise<Wanted> {
  const { aliases }: Aliases = await findAliases(deps, tenantId, addressHash);
  const named = which === 'include' ? aliases.filter(({ email }) => email !== null) : [];
  const erased = aliases.filter(isErased);
  const records = await deps.erasures.getMany(
    tenantId,
    erased.map((alias) => alias.addressHash),
  );
  const open = [...records.values()].filter(({ state }) => state === 'open');
  return {
    hashes: [...hashesOf(named), ...open.map((one) => one.addressHash)],
    named: hashesOf(named),
    emails: named.flatMap(({ email }) => email ?? []),
    open,
  };
}
