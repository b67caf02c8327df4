import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { systemClock, toIso } from '../src/core/shared/clock.ts';
import { idSchema } from '../src/core/shared/ids.ts';
import { eraseChainHere } from '../src/core/suppression/erase-address.ts';
import type { SuppressionDeps } from '../src/core/suppression/suppress.ts';
import { makeDocumentClient } from '../src/storage/document-client.ts';
import { makeSuppressionStore } from '../src/storage/suppression-store.ts';
import { Table } from '../src/storage/table.ts';

const USAGE = `Tells a restored table again of erasures that happened after the time it was restored to. Reads lines of
tenantId,addressHash from standard input; other lines, such as headings, are counted and left out.

  npm run -s erasures -- --table NAME < erasures.csv`;

const LINE = /^"?(ten_[0-9A-Za-z]+)"?,"?([0-9a-f]{64})"?(,|$)/;

/** Repeats erasures by their keyed hashes, here alone: no vendor is asked, and no address or pepper is needed. */
export async function repeatErasures(
  suppressions: SuppressionDeps['suppressions'],
  lines: readonly string[],
): Promise<{ erasures: number; addressesForgotten: number; leftOut: number }> {
  const at = toIso(systemClock.now());
  const found = lines.flatMap((line) => {
    const [, tenantId, addressHash] = LINE.exec(line.trim()) ?? [];
    return idSchema('tenant').safeParse(tenantId).success && tenantId && addressHash ? [{ tenantId, addressHash }] : [];
  });
  let addressesForgotten = 0;
  for (const { tenantId, addressHash } of found) {
    const forgotten = await eraseChainHere({ suppressions }, tenantId, addressHash, at);
    addressesForgotten += forgotten.filter(({ address }) => address).length;
  }
  return { erasures: found.length, addressesForgotten, leftOut: lines.length - found.length };
}

if (process.argv[1]?.endsWith('erasures.ts')) {
  const { values } = parseArgs({ options: { table: { type: 'string' } } });
  if (values.table === undefined) {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = 1;
  } else {
    const lines = (await text(process.stdin)).split('\n').filter((line) => line.trim() !== '');
    const done = await repeatErasures(makeSuppressionStore(new Table(makeDocumentClient(), values.table)), lines);
    process.stdout.write(`${JSON.stringify(done)}\n`);
  }
}
