import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { beginErasure, type ContactIdsOf, type ErasureStore } from '../src/core/contact/erasure.ts';
import { HOUR, systemClock, toIso } from '../src/core/shared/clock.ts';
import { idSchema } from '../src/core/shared/ids.ts';
import { eraseByHash } from '../src/core/suppression/erase-by-hash.ts';
import type { SuppressionStore } from '../src/core/suppression/suppression.ts';
import { contactIdsOf } from '../src/providers/registry.ts';
import { makeDocumentClient } from '../src/storage/document-client.ts';
import { makeErasureStore } from '../src/storage/erasure-store.ts';
import { pepperSecret } from '../src/storage/pepper.ts';
import { cachedSecret, makeSecretsClient } from '../src/storage/secrets.ts';
import { makeSuppressionStore } from '../src/storage/suppression-store.ts';
import { Table } from '../src/storage/table.ts';
import { PLATFORM_IDS, type PlatformId } from '../src/core/shared/platform-id.ts';

const USAGE = `Tells a restored table again of erasures that were begun after the time it was restored to. Reads lines of
time,event,tenantId,addressHash from standard input, in any order; other lines, such as headings, are counted and left out.

  npm run -s erasures -- --table NAME --pepper SECRET_ARN < erasures.csv`;

const LINE = /^"?(\d[^",]*)"?,"?contact\.(erasure_begun|erased)"?,"?(ten_[0-9A-Za-z]+)"?,"?([0-9a-f]{64})"?(,|$)/;

export interface RepeatErasuresDeps {
  suppressions: SuppressionStore;
  erasures: ErasureStore;
  platforms: readonly PlatformId[];
  contactIdsOf: ContactIdsOf;
}

interface Told {
  tenantId: string;
  addressHash: string;
  begunAt: string;
  erasedAt: string;
}

function read(lines: readonly string[]): { told: Told[]; leftOut: number } {
  const told = new Map<string, Told>();
  let leftOut = 0;
  for (const line of lines) {
    const [, time, event, tenantId, addressHash] = LINE.exec(line.trim()) ?? [];
    if (!time || !tenantId || !addressHash || !idSchema('tenant').safeParse(tenantId).success) {
      leftOut++;
      continue;
    }
    const key = `${tenantId}/${addressHash}`;
    const known = told.get(key) ?? { tenantId, addressHash, begunAt: '', erasedAt: '' };
    const field = event === 'erased' ? 'erasedAt' : 'begunAt';
    told.set(key, { ...known, [field]: known[field] > time ? known[field] : time });
  }
  return { told: [...told.values()], leftOut };
}

/**
 * Repeats erasures by their keyed hashes, of each address that was erased and of no other. What no platform was asked for to
 * the end is written down as open before the address is forgotten, so that the service finishes it. No vendor is asked here.
 */
export async function repeatErasures(
  deps: RepeatErasuresDeps,
  lines: readonly string[],
): Promise<{ erasures: number; addressesForgotten: number; opened: number; leftOut: number }> {
  const at = toIso(systemClock.now());
  const { told, leftOut } = read(lines);
  let [addressesForgotten, opened] = [0, 0];
  for (const { tenantId, addressHash, begunAt, erasedAt } of told) {
    const email = (await deps.suppressions.get(tenantId, addressHash))?.email;
    if (email && erasedAt < begunAt) {
      const contactIds = Object.fromEntries(deps.platforms.map((platform) => [platform, deps.contactIdsOf(platform, email)]));
      await beginErasure(deps, { tenantId, addressHash, contactIds, aliases: [], at });
      opened++;
    }
    const { address } = await eraseByHash(deps, tenantId, addressHash, at);
    if (address) addressesForgotten++;
  }
  return { erasures: told.length, addressesForgotten, opened, leftOut };
}

if (process.argv[1]?.endsWith('erasures.ts')) {
  const { values } = parseArgs({ options: { table: { type: 'string' }, pepper: { type: 'string' } } });
  if (values.table === undefined || values.pepper === undefined) {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = 1;
  } else {
    const lines = (await text(process.stdin)).split('\n').filter((line) => line.trim() !== '');
    const table = new Table(makeDocumentClient(), values.table);
    const pepper = cachedSecret(makeSecretsClient(), values.pepper, pepperSecret, systemClock, HOUR);
    const erasures = makeErasureStore(table, pepper);
    const suppressions = makeSuppressionStore(table);
    const done = await repeatErasures({ suppressions, erasures, platforms: PLATFORM_IDS, contactIdsOf }, lines);
    process.stdout.write(`${JSON.stringify(done)}\n`);
  }
}
