import { LATEST, reportSchema, type ReportStore } from '../core/report/report.ts';
import { keys, prefixes, tenantPk } from './keys.ts';
import type { Item, Table } from './table.ts';

const keyOf = (tenantId: string, campaignId: string, date: string) =>
  date === LATEST ? keys.latestReport(tenantId, campaignId) : keys.report(tenantId, campaignId, date);

export const makeReportStore = (table: Table): ReportStore => ({
  async get(tenantId, campaignId, date) {
    const item = await table.get(keyOf(tenantId, campaignId, date));
    return item && reportSchema.parse(item);
  },
  async history(tenantId, campaignId, from, to) {
    const prefix = prefixes.report(campaignId);
    const items: Item[] = [];
    let after: Item | undefined;
    do {
      const page = await table.query({
        KeyConditionExpression: 'PK = :pk AND SK BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': tenantPk(tenantId), ':from': `${prefix}${from}`, ':to': `${prefix}${to}` },
        ConsistentRead: true,
        ...(after && { ExclusiveStartKey: after }),
      });
      items.push(...page.items);
      after = page.lastKey;
    } while (after);
    return items.map((item) => ({ date: String(item['SK']).split('#').at(-1) ?? '', report: reportSchema.parse(item) }));
  },
  async latestOf(tenantId, campaignIds, as) {
    const wanted = [...new Set(campaignIds)].map((id) => keys.latestReport(tenantId, id));
    const items = await table.getMany(wanted, { consistent: as === 'consistent' });
    return new Map(items.map((item) => reportSchema.parse(item)).map((report) => [report.campaignId, report]));
  },
  async put(report, date) {
    const { tenantId, campaignId } = report;
    if (date) await table.put({ ...keys.report(tenantId, campaignId, date), ...report });
    await table.put({ ...keys.latestReport(tenantId, campaignId), ...report });
  },
});
