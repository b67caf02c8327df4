import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import type { ContentStore } from '../core/campaign/campaign.ts';
import { AppError } from '../core/shared/app-error.ts';
import { sha256 } from '../core/shared/ids.ts';
import { keys, prefixes } from './keys.ts';
import type { Table } from './table.ts';

/** An item holds at most 400 KB. */
const PART_BYTES = 300 * 1024;
const part = z.object({ SK: z.string(), bytes: z.instanceof(Uint8Array) });

/** HTML as gzip parts named by their own hash: written before a campaign points to them, and never changed. */
export const makeContentStore = (table: Table): ContentStore => ({
  async put(tenantId, campaignId, html) {
    const zipped = gzipSync(html);
    const hash = sha256(html);
    const parts = Math.max(1, Math.ceil(zipped.length / PART_BYTES));
    for (let index = 0; index < parts; index++) {
      const bytes = zipped.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);
      await table.put({ ...keys.content(tenantId, campaignId, hash, index), bytes });
    }
    return { kind: 'html', sha256: hash, parts };
  },
  async get(tenantId, campaignId, ref) {
    if (ref.kind !== 'html') return '';
    const wanted = Array.from({ length: ref.parts }, (_, index) => keys.content(tenantId, campaignId, ref.sha256, index));
    const found = new Map((await table.getMany(wanted)).map((item) => part.parse(item)).map(({ SK, bytes }) => [SK, bytes]));
    const bytes = wanted.map(({ SK }) => found.get(SK));
    if (bytes.some((chunk) => chunk === undefined)) throw new AppError('internal_error', 'A part of the content is missing.');
    return gunzipSync(Buffer.concat(bytes.flatMap((chunk) => (chunk ? [chunk] : [])))).toString('utf8');
  },
  async removeAll(tenantId, campaignId) {
    const items = await table.all(tenantId, prefixes.content(campaignId));
    await table.writeMany(
      [],
      items.map((item) => ({ PK: String(item['PK']), SK: String(item['SK']) })),
    );
  },
});
