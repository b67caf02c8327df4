import { audienceSchema, type AudienceStore } from '../core/audience/audience.ts';
import { templateSchema, type TemplateStore } from '../core/audience/template.ts';
import { automationSchema, type AutomationStore } from '../core/automation/automation.ts';
import { keys, prefixes } from './keys.ts';
import type { Item, Key, Table } from './table.ts';

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

/** Makes the stored set equal to the given one; the new is written before the old goes. */
async function replaceAll(table: Table, tenantId: string, prefix: string, wanted: readonly (Item & Key)[]): Promise<void> {
  const kept = new Set(wanted.map(({ SK }) => SK));
  const stale = (await table.all(tenantId, prefix)).map(keyOf).filter(({ SK }) => !kept.has(SK));
  await table.writeMany(wanted, stale);
}

export const makeTemplateStore = (table: Table): TemplateStore => ({
  async get(tenantId, platform, templateId) {
    const item = await table.get(keys.template(tenantId, platform, templateId));
    return item && templateSchema.parse(item);
  },
  async list(tenantId, platform) {
    return (await table.all(tenantId, prefixes.template(platform))).map((item) => templateSchema.parse(item));
  },
  async replaceAll(tenantId, platform, templates) {
    const items = templates.map((template) => ({ ...keys.template(tenantId, platform, template.id), ...template }));
    await replaceAll(table, tenantId, prefixes.template(platform), items);
  },
});

export const makeAutomationStore = (table: Table): AutomationStore => ({
  async list(tenantId, platform) {
    return (await table.all(tenantId, prefixes.automation(platform))).map((item) => automationSchema.parse(item));
  },
  async replaceAll(tenantId, platform, automations) {
    const items = automations.map((automation) => ({ ...keys.automation(tenantId, platform, automation.id), ...automation }));
    await replaceAll(table, tenantId, prefixes.automation(platform), items);
  },
});
