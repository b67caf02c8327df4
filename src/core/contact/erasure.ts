import * as z from 'zod';
import { AppError } from '../shared/app-error.ts';
import { HOUR } from '../shared/clock.ts';
import type { PlatformId } from '../shared/platform-id.ts';

/** How far one audience was asked for the person. */
const progressSchema = z.object({
  /** How many of the platform's ids of the person are still to be asked for; 0 is done. */
  left: z.number().int(),
  /** Whether the person was there under any of them. */
  found: z.boolean(),
  /** Why the last try ended early, as an error code. */
  code: z.string().nullable(),
});
export type AudienceProgress = z.infer<typeof progressSchema>;

/** The erasure of one person at the platforms: all that is remembered of them once the address is forgotten here. */
export const erasureSchema = z.object({
  tenantId: z.string(),
  /** The keyed hash of the address that was named. */
  addressHash: z.string(),
  state: z.enum(['open', 'complete']),
  begunAt: z.string(),
  completedAt: z.string().nullable(),
  /** Under which the platforms know the person, by platform; nothing once complete. */
  contactIds: z.record(z.string(), z.array(z.string())),
  /** Keyed hashes of other addresses that are erased together with this one. */
  aliases: z.array(z.string()),
  /** By our id of the audience, within this round. */
  audiences: z.record(z.string(), progressSchema),
  /** Why a platform could not be asked at all, as an error code. */
  problem: z.string().nullable(),
  /** Rises whenever every audience has to be asked anew. */
  round: z.number().int(),
  roundAt: z.string(),
  /** Rises with every follow-up; a message of a lower step is a repetition and is dropped. */
  step: z.number().int(),
  /** Follow-ups in a row that got no further. */
  tries: z.number().int(),
  version: z.number().int(),
});
export type Erasure = z.infer<typeof erasureSchema>;

/** Says that an erasure is open, or was about to be. */
export interface OpenErasure {
  addressHash: string;
  round: number;
  at: string;
}

export interface ErasureStore {
  /** Consistent. */
  get(tenantId: string, addressHash: string): Promise<Erasure | undefined>;
  /** Consistent; in batches of 100, never partial. */
  getMany(tenantId: string, addressHashes: readonly string[]): Promise<Map<string, Erasure>>;
  /** Writes only over the version read. @returns whether it was written */
  save(erasure: Erasure): Promise<boolean>;
  /** Points to an erasure before it is written, so that open ones are found without reading all. Never back to an earlier round. */
  mark(tenantId: string, open: OpenErasure): Promise<void>;
  /** Not if it points to a later round meanwhile. */
  unmark(tenantId: string, addressHash: string, round: number): Promise<void>;
  marked(tenantId: string): Promise<OpenErasure[]>;
}

/** The platforms' own ids of a person, told without a call and of an address alone; also while a platform is not connected. */
export type ContactIdsOf = (platform: PlatformId, email: string) => string[];

/** A request so much later may meet somebody who came back to an audience that was asked before. */
const ROUND_IS_FRESH_MS = HOUR;
const TRIES = 5;

export interface ErasureRequest {
  tenantId: string;
  addressHash: string;
  contactIds: Readonly<Record<string, readonly string[]>>;
  aliases: readonly string[];
  at: string;
}

const union = (a: readonly string[] = [], b: readonly string[] = []): string[] => [...new Set([...a, ...b])].sort();

export const joinIds = (...all: readonly ErasureRequest['contactIds'][]): Record<string, string[]> =>
  all.reduce<Record<string, string[]>>(
    (joined, ids) => ({
      ...joined,
      ...Object.fromEntries(Object.entries(ids).map(([platform, more]) => [platform, union(joined[platform], more)])),
    }),
    {},
  );

/** An open erasure goes on where it is, unless there is more to ask for, or it is long ago that it began to ask. */
function joined(current: Erasure | undefined, request: ErasureRequest): Erasure {
  const { tenantId, addressHash, at } = request;
  const open = current?.state === 'open' ? current : undefined;
  const contactIds = joinIds(open?.contactIds ?? {}, request.contactIds);
  const isSame = open !== undefined && JSON.stringify(joinIds(open.contactIds)) === JSON.stringify(contactIds);
  const goesOn = isSame && Date.parse(at) - Date.parse(open.roundAt) < ROUND_IS_FRESH_MS ? open : undefined;
  return {
    tenantId,
    addressHash,
    state: 'open',
    begunAt: open?.begunAt ?? at,
    completedAt: null,
    contactIds,
    aliases: union(open?.aliases, request.aliases),
    audiences: goesOn?.audiences ?? {},
    problem: goesOn?.problem ?? null,
    round: goesOn?.round ?? (current?.round ?? 0) + 1,
    roundAt: goesOn?.roundAt ?? at,
    step: current?.step ?? 0,
    tries: 0,
    version: current?.version ?? 0,
  };
}

/** Reads, changes and writes over the version read. @returns what is stored now. @throws AppError `service_unavailable` after five lost races */
async function change(
  { erasures }: { erasures: ErasureStore },
  { tenantId, addressHash }: Pick<Erasure, 'tenantId' | 'addressHash'>,
  make: (current: Erasure | undefined) => Promise<Erasure | undefined> | Erasure | undefined,
): Promise<Erasure | undefined> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const current = await erasures.get(tenantId, addressHash);
    const next = await make(current);
    if (!next || JSON.stringify(next) === JSON.stringify(current)) return current;
    const saved = { ...next, version: next.version + 1 };
    if (await erasures.save(saved)) return saved;
  }
  throw new AppError('service_unavailable', 'Too many writers met on one erasure.', { retryAfterSeconds: 1 });
}

/** Writes down what the platforms have to be asked for, before anything is forgotten. 1 RRU and 2 WCU; two at once lose nothing. */
export async function beginErasure(deps: { erasures: ErasureStore }, request: ErasureRequest): Promise<Erasure> {
  let begun: Erasure | undefined;
  const stored = await change(deps, request, async (current) => {
    begun = joined(current, request);
    await deps.erasures.mark(request.tenantId, { addressHash: request.addressHash, round: begun.round, at: request.at });
    return begun;
  });
  return stored ?? joined(undefined, request);
}

/** Of two tellings the one that got further. */
const further = (known: AudienceProgress | undefined, told: AudienceProgress): AudienceProgress => {
  if (!known) return told;
  const left = Math.min(known.left, told.left);
  return { left, found: known.found || told.found, code: left === 0 ? null : told.code };
};

const isOf = (current: Erasure | undefined, round: number): current is Erasure =>
  current?.state === 'open' && current.round === round;

/** Keeps how far it got. What was asked in an earlier round counts no more. @returns what is stored now */
export const noteProgress = (
  deps: { erasures: ErasureStore },
  erasure: Erasure,
  told: Readonly<Record<string, AudienceProgress>>,
  problem: string | null,
): Promise<Erasure | undefined> =>
  change(deps, erasure, (current) => {
    if (!isOf(current, erasure.round)) return undefined;
    const noted = Object.entries(told).map(([id, progress]) => [id, further(current.audiences[id], progress)] as const);
    return { ...current, problem, audiences: { ...current.audiences, ...Object.fromEntries(noted) } };
  });

/** @returns what is stored now, and whether this call ended it */
export async function endErasure(
  deps: { erasures: ErasureStore },
  erasure: Erasure,
  at: string,
): Promise<{ erasure: Erasure | undefined; ended: boolean }> {
  const told = { ended: false };
  const stored = await change(deps, erasure, (current) => {
    told.ended = isOf(current, erasure.round);
    if (!isOf(current, erasure.round)) return undefined;
    return {
      ...current,
      state: 'complete',
      completedAt: at,
      contactIds: {},
      problem: null,
      tries: 0,
    };
  });
  if (told.ended) await deps.erasures.unmark(erasure.tenantId, erasure.addressHash, erasure.round);
  return { erasure: stored, ended: told.ended };
}

/** The next follow-up has its own number, so that copies of this one end. */
export const noteStep = (
  deps: { erasures: ErasureStore },
  erasure: Erasure,
  step: Pick<Erasure, 'step' | 'tries'>,
): Promise<Erasure | undefined> =>
  change(deps, erasure, (current) =>
    current?.state === 'open' && current.step <= step.step ? { ...current, ...step } : undefined,
  );
