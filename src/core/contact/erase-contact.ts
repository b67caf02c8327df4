import { toAudience, type Audience, type AudienceStore } from '../audience/audience.ts';
import type { Connection } from '../connection/connection.ts';
import { usePlatform, type UsePlatformDeps } from '../connection/use-platform.ts';
import type { EmailPlatform, PlatformId } from '../email-platform/email-platform.ts';
import { isAppError } from '../shared/app-error.ts';
import { SECOND, toIso, type Clock } from '../shared/clock.ts';
import { spellingsOf } from '../shared/email-address.ts';
import { runAll } from '../shared/run-all.ts';
import { eraseAddress, eraseByHash, findAliases, suppressByHash, type Forgotten } from '../suppression/erase-address.ts';
import type { SuppressionDeps } from '../suppression/suppress.ts';

export interface EraseContactDeps extends UsePlatformDeps, SuppressionDeps {
  clock: Clock;
  audiences: AudienceStore;
  platforms: readonly PlatformId[];
}

const AT_ONCE = 2;
/** A request ends at 30 s; audiences that were not reached are `failed`, and the next request begins with the rest. */
const WORK_WITHIN_MS = 20 * SECOND;

export interface AudienceOutcome {
  audienceId: string;
  name: string;
  outcome: 'erased' | 'absent' | 'failed';
}

export interface Erasure {
  /** Whether nothing is left to do, here and at every platform. */
  erased: boolean;
  here: {
    /** Records that held an address and hold it no more, in this request. */
    addressesForgotten: number;
    /** Notes and reasons in free words that were removed, in this request. */
    textsForgotten: number;
    /** Keyed hashes that stay, so that the person stays suppressed: the address and its aliases. */
    hashesKept: string[];
    /** Other addresses of the person that are suppressed and wait until every platform was asked for them. */
    aliasesWaiting: number;
  };
  vendor: AudienceOutcome[];
  /** What keeps `erased` from being true. */
  unreached: ('disconnected' | 'failed' | 'moved_meanwhile')[];
}

interface PlatformOutcome {
  audiences: AudienceOutcome[];
  problem: 'disconnected' | 'failed' | null;
}

/**
 * Deletes a person permanently in every audience at the vendor, under every address they are known to have had, and
 * forgets them here; the keyed hashes stay, so that the person is never mailed again. The given address is forgotten
 * first: its caller can name it again. Other addresses are suppressed first and forgotten last, because after that nobody
 * could ask the vendor for them. Safe to repeat, after a crash as well, until `erased` is true. Costs one vendor call for
 * the list of audiences, then one for each audience, address and spelling of it.
 */
export async function eraseContact(deps: EraseContactDeps, tenantId: string, email: string): Promise<Erasure> {
  const at = toIso(deps.clock.now());
  const until = deps.clock.now() + WORK_WITHIN_MS;
  // First, so that nobody mails the person while the vendor is being asked.
  const given = await eraseAddress(deps, tenantId, email, at);
  const aliases = await findAliases(deps, tenantId, given.addressHash);
  for (const { addressHash } of aliases) await suppressByHash(deps, tenantId, addressHash, at);
  const addresses = [email, ...aliases.flatMap((alias) => alias.email ?? [])];

  const reached: PlatformOutcome[] = [];
  for (const platform of deps.platforms) {
    const connection = await deps.connections.get(tenantId, platform);
    if (connection) reached.push(await eraseAt(deps, connection, addresses, until));
  }
  const vendor = reached.flatMap(({ audiences }) => audiences);
  const unreached: Erasure['unreached'] = reached.flatMap(({ problem }) => problem ?? []);

  const forgotten: Forgotten[] = [given];
  if (unreached.length === 0)
    for (const { addressHash } of aliases) forgotten.push(await eraseByHash(deps, tenantId, addressHash, at));
  // An address that the vendor told of meanwhile has not been asked for.
  const chain = await findAliases(deps, tenantId, given.addressHash);
  const aliasesWaiting = chain.filter((alias) => alias.email !== null).length;
  if (unreached.length === 0 && aliasesWaiting > 0) unreached.push('moved_meanwhile');

  const erased = unreached.length === 0;
  // The keyed hash, so that an erasure can be told again to a table restored from before it.
  deps.log.info('contact.erased', { tenantId, addressHash: given.addressHash, audiences: vendor.length, complete: erased });
  return {
    erased,
    here: {
      addressesForgotten: forgotten.filter(({ address }) => address).length,
      textsForgotten: forgotten.reduce((sum, { texts }) => sum + texts, 0),
      hashesKept: [given.addressHash, ...chain.map(({ addressHash }) => addressHash).sort()],
      aliasesWaiting,
    },
    vendor,
    unreached: [...new Set(unreached)],
  };
}

async function eraseAt(
  deps: EraseContactDeps,
  connection: Connection,
  addresses: readonly string[],
  until: number,
): Promise<PlatformOutcome> {
  // It may hold the person still: nobody can ask until it is connected again.
  if (connection.status === 'disconnected') return { audiences: [], problem: 'disconnected' };
  const audiences = await audiencesNow(deps, connection, until);
  if (!audiences) {
    const known = await deps.audiences.list(connection.tenantId, connection.platform);
    const living = known.filter(({ vanishedAt }) => vanishedAt === null);
    return { audiences: living.map(({ id, name }) => ({ audienceId: id, name, outcome: 'failed' })), problem: 'failed' };
  }
  const outcomes = await runAll(audiences, AT_ONCE, async ({ id, name, vendorId }): Promise<AudienceOutcome> => {
    const outcome = await eraseIn(deps, connection, vendorId, addresses, until);
    return { audienceId: id, name, outcome };
  });
  return { audiences: outcomes, problem: outcomes.some(({ outcome }) => outcome === 'failed') ? 'failed' : null };
}

/** Asked of the vendor, because an audience made since the last sync may hold the person too; `undefined` when it cannot be asked. */
async function audiencesNow(
  deps: EraseContactDeps,
  { tenantId, platform }: Connection,
  until: number,
): Promise<Audience[] | undefined> {
  return orFailed(() =>
    usePlatform(
      deps,
      tenantId,
      platform,
      'interactive',
      async (opened, { accountId }) => {
        const now = toIso(deps.clock.now());
        return (await opened.readAudiences()).map((audience) => toAudience({ tenantId, platform, accountId }, audience, now));
      },
      until,
    ),
  );
}

async function eraseIn(
  deps: EraseContactDeps,
  { tenantId, platform }: Connection,
  audienceVendorId: string,
  addresses: readonly string[],
  until: number,
): Promise<AudienceOutcome['outcome']> {
  // The vendor knows people by the spelling it was given: a domain may be there in either form.
  const spellings = [...new Set(addresses.flatMap(spellingsOf))];
  const eraseAll = async (opened: EmailPlatform): Promise<boolean[]> => {
    const found: boolean[] = [];
    for (const spelling of spellings) found.push(await opened.eraseContact(audienceVendorId, spelling));
    return found;
  };
  const found = await orFailed(() => usePlatform(deps, tenantId, platform, 'interactive', eraseAll, until));
  if (!found) return 'failed';
  return found.includes(true) ? 'erased' : 'absent';
}

/** Whatever the vendor or the connection refuses is told as an outcome, and asked again by the next request. */
async function orFailed<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}
