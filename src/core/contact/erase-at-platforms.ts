import { toAudience, type Audience, type AudienceStore } from '../audience/audience.ts';
import type { Connection } from '../connection/connection.ts';
import { isDoubtful } from '../connection/lose-connection.ts';
import { usePlatform, type UsePlatformDeps } from '../connection/use-platform.ts';
import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { isAppError, type AppError } from '../shared/app-error.ts';
import { toIso } from '../shared/clock.ts';
import { runAll } from '../shared/run-all.ts';
import { noteProgress, type AudienceProgress, type Erasure, type ErasureStore } from './erasure.ts';
import type { PlatformId } from '../shared/platform-id.ts';

export interface EraseAtPlatformsDeps extends UsePlatformDeps {
  audiences: AudienceStore;
  erasures: ErasureStore;
  platforms: readonly PlatformId[];
}

const AT_ONCE = 2;
/** Progress is written after so many audiences: what a crash forgets is only asked again. */
const PER_NOTE = 10;

export interface Reached {
  /** Every audience the platforms have now, as far as they tell; else those that are known here. */
  audiences: { audienceId: string; name: string }[];
  /** What is stored of the erasure now. */
  erasure: Erasure | undefined;
  /** Whether every audience was asked for everything. */
  complete: boolean;
  /** `away`: nobody can be asked until somebody reconnects; `busy`: later may help; `refused`: a person has to look; `late`: time ran out. */
  obstacle: 'away' | 'busy' | 'refused' | 'late' | null;
  /** Whether anything was asked for with success. */
  progressed: boolean;
}

/** No call of ours helps these. */
const isAway = (error: AppError): boolean => isAppError(error, 'not_connected', 'invalid_token', 'account_disabled');
const obstacleOf = (error: AppError): NonNullable<Reached['obstacle']> => {
  if (isAway(error)) return 'away';
  return error.retryable || isDoubtful(error) ? 'busy' : 'refused';
};
const URGENCY = ['late', 'busy', 'refused', 'away', null] as const satisfies readonly Reached['obstacle'][];

/**
 * Asks the platforms to delete a person permanently, audience by audience, going on where the erasure stopped; those that
 * failed come last. One call for the list of audiences, then one for each audience and id that is left.
 * @param until when the last call has to end, ms since the epoch
 */
export async function eraseAtPlatforms(deps: EraseAtPlatformsDeps, erasure: Erasure, until: number): Promise<Reached> {
  let all: Reached = { audiences: [], erasure, complete: true, obstacle: null, progressed: false };
  for (const platform of deps.platforms) {
    const connection = await deps.connections.get(erasure.tenantId, platform);
    if (!connection) continue;
    const one = await eraseAt(deps, all.erasure ?? erasure, connection, until);
    all = {
      audiences: [...all.audiences, ...one.audiences],
      erasure: one.erasure,
      complete: all.complete && one.complete,
      obstacle: URGENCY.find((obstacle) => obstacle === all.obstacle || obstacle === one.obstacle) ?? null,
      progressed: all.progressed || one.progressed,
    };
  }
  return all;
}

const named = (audiences: readonly Audience[]): Reached['audiences'] =>
  audiences.map(({ id, name }) => ({ audienceId: id, name }));

async function eraseAt(deps: EraseAtPlatformsDeps, erasure: Erasure, connection: Connection, until: number): Promise<Reached> {
  const { tenantId, platform } = connection;
  const walk: Walk = { erasure, audiences: undefined, failures: [], late: false, progressed: false };
  try {
    await usePlatform(
      deps,
      tenantId,
      platform,
      'interactive',
      async (opened, { accountId }) => {
        const now = toIso(deps.clock.now());
        // Asked of the vendor, because an audience made since the last sync may hold the person too.
        const audiences = (await opened.readAudiences()).map((one) => toAudience({ tenantId, platform, accountId }, one, now));
        walk.audiences = audiences;
        await walkAudiences(deps, opened, audiences, walk, until);
      },
      until,
    );
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (deps.clock.now() >= until && !isAway(error)) walk.late = true;
    else walk.failures.push(error);
    walk.erasure = await noteProgress(deps, walk.erasure ?? erasure, {}, error.code);
  }
  const known = walk.audiences ?? (await deps.audiences.list(tenantId, platform)).filter(({ vanishedAt }) => vanishedAt === null);
  const obstacles = new Set<Reached['obstacle']>([...walk.failures.map(obstacleOf), ...(walk.late ? (['late'] as const) : [])]);
  return {
    audiences: named(known),
    erasure: walk.erasure,
    complete: isAsked(walk, erasure.round) && !(await waitsElsewhere(deps, walk, connection)),
    obstacle: URGENCY.find((obstacle) => obstacles.has(obstacle)) ?? null,
    progressed: walk.progressed,
  };
}

interface Walk {
  erasure: Erasure | undefined;
  /** `undefined` until the vendor told them. */
  audiences: readonly Audience[] | undefined;
  readonly failures: AppError[];
  late: boolean;
  progressed: boolean;
}

/** Whoever began anew meanwhile has to be asked for again. */
function isAsked({ erasure, audiences }: Walk, round: number): boolean {
  if (!erasure || !audiences) return false;
  if (erasure.state === 'complete') return true;
  return erasure.round === round && audiences.every(({ id }) => erasure.audiences[id]?.left === 0);
}

/**
 * Whether audiences wait that the account does not have now: they are another account's, unless they vanished from this one.
 * One query, if there are any.
 */
async function waitsElsewhere(
  { audiences }: EraseAtPlatformsDeps,
  walk: Walk,
  { tenantId, platform }: Connection,
): Promise<boolean> {
  const listed = new Set(walk.audiences?.map(({ id }) => id));
  const waiting = Object.entries(walk.erasure?.audiences ?? {}).flatMap(([id, { left }]) =>
    left > 0 && !listed.has(id) ? [id] : [],
  );
  if (waiting.length === 0 || walk.erasure?.state === 'complete') return false;
  const vanished = (await audiences.list(tenantId, platform)).filter(({ vanishedAt }) => vanishedAt !== null);
  return !waiting.every((id) => vanished.some((audience) => audience.id === id));
}

/** Ends early when time is up, when the connection is no use any more, or when the erasure began anew elsewhere. */
async function walkAudiences(
  deps: EraseAtPlatformsDeps,
  opened: EmailPlatform,
  audiences: readonly Audience[],
  walk: Walk,
  until: number,
): Promise<void> {
  const begun = walk.erasure;
  const known = begun?.audiences ?? {};
  const ids = begun?.contactIds[opened.id] ?? [];
  const rest = audiences
    .filter(({ id }) => known[id]?.left !== 0)
    .sort((a, b) => Number((known[a.id]?.code ?? null) !== null) - Number((known[b.id]?.code ?? null) !== null));
  for (let next = 0; next < rest.length && !walk.late; next += PER_NOTE) {
    if (!walk.erasure || walk.erasure.state !== 'open' || walk.erasure.round !== begun?.round) return;
    const told = await runAll(rest.slice(next, next + PER_NOTE), AT_ONCE, async ({ id, vendorId }) => {
      const start = known[id] ?? { left: ids.length, found: false, code: null };
      return { id, ...(await eraseIn(deps, opened, vendorId, ids, start, until)) };
    });
    walk.erasure = await noteProgress(
      deps,
      walk.erasure,
      Object.fromEntries(told.map(({ id, progress }) => [id, progress])),
      null,
    );
    walk.progressed ||= told.some(({ advanced }) => advanced);
    walk.late ||= told.some(({ isLate }) => isLate);
    for (const { error } of told) {
      if (error && (isAway(error) || isDoubtful(error))) throw error;
      if (error) walk.failures.push(error);
    }
  }
}

interface AskedAudience {
  progress: AudienceProgress;
  error: AppError | undefined;
  isLate: boolean;
  advanced: boolean;
}

async function eraseIn(
  { clock }: Pick<EraseAtPlatformsDeps, 'clock'>,
  opened: EmailPlatform,
  audienceVendorId: string,
  ids: readonly string[],
  start: AudienceProgress,
  until: number,
): Promise<AskedAudience> {
  let { left, found } = start;
  const endedBy = (error?: AppError, isLate = false): AskedAudience => ({
    // One that was asked when time ran out has its code as well: it comes last from then on.
    progress: { left, found, code: left === 0 ? null : (error?.code ?? start.code) },
    error: isLate ? undefined : error,
    isLate,
    advanced: left < start.left || left === 0,
  });
  for (const id of ids.slice(Math.max(0, ids.length - left))) {
    if (clock.now() >= until) return endedBy(undefined, true);
    try {
      found = (await opened.eraseContact(audienceVendorId, id)) || found;
      left--;
    } catch (error) {
      if (!isAppError(error)) throw error;
      return endedBy(error, clock.now() >= until && !isAway(error));
    }
  }
  return endedBy();
}
