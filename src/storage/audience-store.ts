import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { audienceSchema, type AudienceStore } from '../core/audience/audience.ts';
import { templateSchema, type TemplateStore } from '../core/audience/template.ts';
import { automationSchema, type AutomationStore } from '../core/automation/automation.ts';
import { keys, prefixes, tenantPk } from './keys.ts';
import type { Item, Key, Table } from './table.ts';
import type { PlatformId } from '../core/shared/platform-id.ts';

export const makeAudienceStore = (table: Table): AudienceStore => ({
  async get(tenantId, platform, audienceId) {
    const item = await table.get(keys.audience(tenantId, platform, audienceId));
    return item && audienceSchema.parse(item);
  },
  async list(tenantId, platform) {
    return (await table.all(tenantId, prefixes.audience(platform))).map((item) => audienceSchema.parse(item));
  },
  async putAll(audiences) {
    await table.writeMany(
      audiences.map((audience) => ({ ...keys.audience(audience.tenantId, audience.platform, audience.id), ...audience })),
    );
  },
  async putCount({ tenantId, platform, id, subscriberCount, unsubscribedCount, cleanedCount, asOf }, date) {
    await table.put({
      ...keys.audienceCount(tenantId, platform, id, date),
      subscriberCount,
      unsubscribedCount,
      cleanedCount,
      asOf,
    });
  },
  async removeAll(tenantId, platform) {
    await table.writeMany([], (await table.all(tenantId, prefixes.audience(platform))).map(keyOf));
  },
});

const keyOf = (item: Item): Key => ({ PK: String(item['PK']), SK: String(item['SK']) });

interface Read {
  id: string;
  asOf: string;
}

/**
 * A list of things that is read from the vendor as a whole. What is as it was is not written; an item of its own, in front of
 * the others, says when the list was last read, so that an unchanged list costs one query and 1 WCU.
 */
function makeReadList<T extends Item & Read>(
  table: Table,
  schema: z.ZodType<T>,
  of: { prefix: (platform: PlatformId) => string; key: (tenantId: string, platform: PlatformId, id: string) => Key },
) {
  const split = (items: readonly Item[], prefix: string): { things: Map<string, T>; readAt: string } => {
    const marker = items.find(({ SK }) => SK === prefix);
    const things = items.filter((item) => item !== marker).map((item): [string, T] => [keyOf(item).SK, schema.parse(item)]);
    return { things: new Map(things), readAt: marker ? markerSchema.parse(marker).asOf : '' };
  };
  return {
    async list(tenantId: string, platform: PlatformId): Promise<T[]> {
      const prefix = of.prefix(platform);
      const { things, readAt } = split(await table.all(tenantId, prefix), prefix);
      return [...things.values()].map((thing) => readLater(thing, readAt));
    },
    async get(tenantId: string, platform: PlatformId, id: string): Promise<T | undefined> {
      const prefix = of.prefix(platform);
      const items = await table.getMany([of.key(tenantId, platform, id), markerKey(tenantId, prefix)]);
      const { things, readAt } = split(items, prefix);
      const [thing] = things.values();
      return thing && readLater(thing, readAt);
    },
    /** The new is written before the old goes, and last the time: it tells of nothing that is not there yet. */
    async replaceAll(tenantId: string, platform: PlatformId, wanted: readonly T[]): Promise<void> {
      const prefix = of.prefix(platform);
      const stored = await table.all(tenantId, prefix);
      const { things } = split(stored, prefix);
      const items = wanted.map((thing) => ({ thing, key: of.key(tenantId, platform, thing.id) }));
      const kept = new Set(items.map(({ key }) => key.SK));
      const [asOf] = wanted.map((thing) => thing.asOf).sort();
      if (asOf !== undefined) kept.add(prefix);
      await table.writeMany(
        items
          .filter(({ thing, key }) => !isSame(things.get(key.SK), schema.parse(thing)))
          .map(({ thing, key }) => ({ ...key, ...thing })),
        stored.map(keyOf).filter(({ SK }) => !kept.has(SK)),
      );
      if (asOf !== undefined) await table.put({ ...markerKey(tenantId, prefix), asOf });
    },
  };
}

const markerSchema = z.object({ asOf: z.string() });
const markerKey = (tenantId: string, prefix: string): Key => ({ PK: tenantPk(tenantId), SK: prefix });
const readLater = <T extends Read>(thing: T, readAt: string): T => (readAt > thing.asOf ? { ...thing, asOf: readAt } : thing);
const isSame = (known: Read | undefined, read: Read): boolean =>
  known !== undefined && isDeepStrictEqual({ ...known, asOf: '' }, { ...read, asOf: '' });

export const makeTemplateStore = (table: Table): TemplateStore =>
  makeReadList(table, templateSchema, { prefix: prefixes.template, key: keys.template });

export const makeAutomationStore = (table: Table): AutomationStore =>
  makeReadList(table, automationSchema, { prefix: prefixes.automation, key: keys.automation });
