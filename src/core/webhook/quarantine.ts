import * as z from 'zod';
import { isAppError } from '../shared/app-error.ts';
import { DAY, toEpochSeconds, toIso, type Clock } from '../shared/clock.ts';
import { sha256 } from '../shared/ids.ts';
import type { Log } from '../shared/log.ts';
import type { AddressHasher } from '../suppression/suppression.ts';
import type { Hook } from './hook.ts';
import { platformIdSchema } from '../shared/platform-id.ts';

/** How long a delivery that could not be read is kept. */
export const QUARANTINE_DAYS = 14;
/** Of one tenant and UTC day; a flood beyond it is logged and not acknowledged. */
export const QUARANTINED_A_DAY = 100;
const FIELDS_AT_MOST = 30;
const TEXT_AT_MOST = 60;
const HASH_SHOWN = 12;

/** What may be told of an unreadable body: words of the vendor's own, never a person's. */
export interface DeliverySketch {
  bytes: number;
  /** Fields the vendor is known to send, in the order of its contract. */
  fields: { name: string; value: { text: string } | { address: string } }[];
  /** Fields with other names; the names are not kept, for they may be anything. */
  otherFields: number;
}

/** An authentic delivery that could not be read. Nothing in it names a person. */
export const quarantinedSchema = z.object({
  tenantId: z.string(),
  platform: platformIdSchema,
  /** Keyed hash of audience and body: the same delivery again is the same item, and the body cannot be guessed from it. */
  digest: z.string(),
  audienceId: z.string(),
  hookId: z.string(),
  /** The field that could not be read, and why, in plain words. */
  field: z.string(),
  reason: z.string(),
  bytes: z.number().int(),
  /** By name; an address is told as the beginning of its keyed hash. */
  fields: z.record(z.string(), z.string()),
  otherFields: z.number().int(),
  /** How often it was delivered. */
  deliveries: z.number().int(),
  firstAt: z.string(),
  lastAt: z.string(),
  /** Seconds since the epoch. */
  expiresAt: z.number().int(),
});
export type Quarantined = z.infer<typeof quarantinedSchema>;
export type NewlyQuarantined = Omit<Quarantined, 'deliveries' | 'firstAt' | 'lastAt'> & { at: string };

export interface QuarantineStore {
  /**
   * `full`: the tenant's day has as many as are kept, and nothing was written. Costs 3 writes for a new one, 1 for one that is
   * there, 2 failed ones when the day is full, and none once this container knows that.
   */
  keep(entry: NewlyQuarantined): Promise<'new' | 'again' | 'full'>;
  /** Newest first by the first delivery, without what has expired. Reads all that is kept: 1,400 items of 1.5 KB at most. */
  list(
    tenantId: string,
    platform: Hook['platform'],
    limit: number,
    before: string | null,
  ): Promise<{ items: Quarantined[]; next: string | null }>;
}

export interface QuarantineDeps {
  clock: Clock;
  log: Log;
  hasher: AddressHasher;
  quarantine: QuarantineStore;
}

/** The field and the reason, as the parser said them; of an error that is a fault of ours, nothing that it says is kept. */
function whatIsWrong(error: unknown): { field: string; reason: string } {
  const [problem] = isAppError(error) ? (error.extras.errors ?? []) : [];
  return problem ? { field: problem.field, reason: problem.message } : { field: 'body', reason: 'could not be read' };
}

/**
 * Keeps what an authentic delivery was, as far as that names nobody. Only then may it be answered yes.
 * @returns whether it is kept; `false` when the tenant's day has as many as are kept
 * @throws whatever the store throws: what was not kept has to come again
 */
export async function keepUnreadable(
  { clock, log, hasher, quarantine }: QuarantineDeps,
  hook: Hook,
  rawBody: Buffer,
  sketch: DeliverySketch,
  error: unknown,
): Promise<boolean> {
  const { tenantId, platform, audienceId, hookId } = hook;
  const now = clock.now();
  const problem = whatIsWrong(error);
  const fields: Record<string, string> = {};
  for (const { name, value } of sketch.fields.slice(0, FIELDS_AT_MOST)) {
    const told = 'text' in value ? value.text : `address ${(await hasher.hash(tenantId, value.address)).slice(0, HASH_SHOWN)}`;
    fields[name.slice(0, TEXT_AT_MOST)] = told.slice(0, TEXT_AT_MOST);
  }
  const kept = await quarantine.keep({
    tenantId,
    platform,
    digest: await hasher.hash(tenantId, JSON.stringify(['quarantine', audienceId, sha256(rawBody)])),
    audienceId,
    hookId,
    ...problem,
    bytes: sketch.bytes,
    fields,
    otherFields: sketch.otherFields,
    at: toIso(now),
    expiresAt: toEpochSeconds(now + QUARANTINE_DAYS * DAY),
  });
  log.warn('webhook.quarantined', { tenantId, hookId, field: problem.field, reason: problem.reason, kept });
  return kept !== 'full';
}
