import * as z from 'zod';
import { SECOND, toIso } from '../shared/clock.ts';
import { sha256 } from '../shared/ids.ts';
import type { ReasonReader } from './check-suppressions.ts';
import type { SuppressionPages } from './list-suppressions.ts';
import { platformIdSchema } from '../shared/platform-id.ts';

export const FACT_KINDS = ['unsubscribe', 'bounce', 'complaint', 'manual', 'erasure', 'lift'] as const;
export type Reason = Exclude<(typeof FACT_KINDS)[number], 'lift' | 'erasure'>;

/** One thing that somebody said about an address. Facts are only ever added; the verdict follows from all of them. */
export const factSchema = z.object({
  kind: z.enum(FACT_KINDS),
  via: z.enum(['webhook', 'sync', 'manual', 'import']),
  platform: platformIdSchema.nullable(),
  audienceId: z.string().nullable(),
  /** The vendor's id, so that a fact's identity does not depend on when we learn of the campaign; ours follows at reading. */
  campaignVendorId: z.string().nullable(),
  /** The vendor's time of first sight. Later tellings never move it: `last_changed` moves with any profile edit. */
  at: z.string(),
  /** The latest telling: what was told after a lift counts again. */
  againAt: z.string(),
  /** When a delivery told it last, and when a sync did. A sync is noted once, and again after a lift. */
  webhookAt: z.string().nullable().default(null),
  syncAt: z.string().nullable().default(null),
  /** When the reason below was told. */
  reasonAt: z.string().nullable().default(null),
  vendorReason: z.string().nullable(),
  /** Who lifted or suppressed by hand. */
  actor: z.string().nullable(),
});
export type Fact = z.infer<typeof factSchema>;
export type NewFact = Omit<Fact, 'againAt' | 'webhookAt' | 'syncAt' | 'reasonAt'>;

export const suppressionSchema = z.object({
  tenantId: z.string(),
  /** HMAC of the normalised address: the key. It stays when the address is erased. */
  addressHash: z.string(),
  /** `null` once erased. */
  email: z.string().nullable(),
  facts: z.record(z.string(), factSchema),
  /** The hashes of the addresses this one moved to: what is told of it, now and later, applies to them as well. */
  successors: z.array(z.string()).default([]),
  /** The hashes of those that moved to it: all are one person, who is erased as a whole. */
  predecessors: z.array(z.string()).default([]),
  reason: z.enum(['unsubscribe', 'bounce', 'complaint', 'manual']).nullable(),
  since: z.string().nullable(),
  version: z.number().int(),
});
export type Suppression = z.infer<typeof suppressionSchema>;

/** The same thing said again has the same key, so repetitions and any order end in the same record. */
export const factKey = (fact: Pick<Fact, 'platform' | 'audienceId' | 'kind' | 'campaignVendorId'>): string =>
  sha256(JSON.stringify([fact.platform, fact.audienceId, fact.kind, fact.campaignVendorId])).slice(0, 16);

/** Complaint outranks bounce, bounce outranks unsubscribe, unsubscribe outranks manual. */
const RANK: Record<Reason, number> = { complaint: 0, bounce: 1, unsubscribe: 2, manual: 3 };

/** The facts that count: a lift cancels what was said up to its time, but never a complaint or an erasure. */
export function activeFacts(facts: Readonly<Record<string, Fact>>): { kind: Reason; since: string; fact: Fact }[] {
  const all = Object.values(facts);
  const lifted = all.reduce((latest, fact) => (fact.kind === 'lift' && fact.againAt > latest ? fact.againAt : latest), '');
  return all.flatMap((fact) => {
    if (fact.kind === 'lift') return [];
    const kind: Reason = fact.kind === 'erasure' ? 'manual' : fact.kind;
    const isForEver = fact.kind === 'complaint' || fact.kind === 'erasure';
    if (isForEver || fact.at > lifted) return [{ kind, since: fact.at, fact }];
    return fact.againAt > lifted ? [{ kind, since: fact.againAt, fact }] : [];
  });
}

/** The verdict over all facts, whatever their order: the gravest reason and the earliest time, or not suppressed. */
export function judge(facts: Readonly<Record<string, Fact>>): { reason: Reason | null; since: string | null } {
  const active = activeFacts(facts);
  const reason = active.map(({ kind }) => kind).sort((a, b) => RANK[a] - RANK[b])[0] ?? null;
  const since = active.map((entry) => entry.since).sort()[0] ?? null;
  return { reason, since };
}

const earlier = (a: string, b: string): string => (a < b ? a : b);
const later = (a: string, b: string): string => (a > b ? a : b);
const lastOf = (a: string | null, b: string | null): string | null => (a === null || b === null ? (a ?? b) : later(a, b));
const inOrder = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/** At the same time a webhook or a person outranks a sync, which knows less. */
const TELLER_RANK: Record<Fact['via'], number> = { webhook: 0, manual: 1, import: 2, sync: 3 };

/** Which of two tellings shows who told: the first one, of lifts the last. In a total order, so that no other order matters. */
const byTelling = (a: Fact, b: Fact): number =>
  (a.kind === 'lift' ? inOrder(b.againAt, a.againAt) : inOrder(a.at, b.at)) ||
  TELLER_RANK[a.via] - TELLER_RANK[b.via] ||
  inOrder(a.actor ?? '', b.actor ?? '');

/** Which of two tellings gives the reason: the same, among those that give one. */
const byReason = (a: Fact, b: Fact): number =>
  Number(a.vendorReason === null) - Number(b.vendorReason === null) ||
  inOrder(a.reasonAt ?? a.at, b.reasonAt ?? b.at) * (a.kind === 'lift' ? -1 : 1) ||
  inOrder(a.vendorReason ?? '', b.vendorReason ?? '');

/**
 * Merges one fact into the others. Saying it again changes nothing, and the order does not matter: `at` is the earliest
 * telling, `againAt` the latest; a lift is told by its latest, everything else by its earliest.
 */
export function mergeFact(facts: Readonly<Record<string, Fact>>, said: NewFact | Fact): Record<string, Fact> {
  const key = factKey(said);
  const known = facts[key];
  const told: Fact = factSchema.parse({ againAt: said.at, ...firstTold(said), ...said });
  if (!known) return { ...facts, [key]: told };
  const [teller = told] = [known, told].sort(byTelling);
  const [worded = told] = [known, told].sort(byReason);
  return {
    ...facts,
    [key]: {
      ...teller,
      at: earlier(known.at, told.at),
      againAt: later(known.againAt, told.againAt),
      webhookAt: lastOf(known.webhookAt, told.webhookAt),
      syncAt: lastOf(known.syncAt, told.syncAt),
      reasonAt: worded.reasonAt,
      vendorReason: worded.vendorReason,
    },
  };
}

const firstTold = ({ via, at, vendorReason }: NewFact): Pick<Fact, 'webhookAt' | 'syncAt' | 'reasonAt'> => ({
  webhookAt: via === 'webhook' ? at : null,
  syncAt: via === 'sync' ? at : null,
  reasonAt: vendorReason === null ? null : at,
});

/**
 * The time of a lift made now: it cancels all that was said, also by a teller whose clock is ahead of ours. Vendors tell whole
 * seconds, so what is said later in this second looks as if it came before: the lift ends with the second before, unless
 * something was said in this one.
 */
export const liftTimeOf = (facts: Readonly<Record<string, Fact>>, now: string): string =>
  Object.values(facts).reduce(
    (latest, { againAt }) => later(latest, againAt),
    toIso(Math.floor(Date.parse(now) / SECOND) * SECOND - 1),
  );

export const isLifted = (facts: Readonly<Record<string, Fact>>): boolean =>
  Object.values(facts).some(({ kind }) => kind === 'lift');

export interface SuppressionStore extends SuppressionPages, ReasonReader {
  /** Consistent. */
  get(tenantId: string, addressHash: string): Promise<Suppression | undefined>;
  /** Consistent; in batches of 100, never partial. */
  getMany(tenantId: string, addressHashes: readonly string[]): Promise<Map<string, Suppression>>;
  /** Writes only over the version read. @returns whether it was written */
  save(suppression: Suppression): Promise<boolean>;
}

/** Turns an address into its table key, under a secret of the deployment and the tenant. */
export interface AddressHasher {
  hash(tenantId: string, normalizedEmail: string): Promise<string>;
}
