import { reportSchema, type ReportStore } from '../core/report/report.ts';
import { keys, prefixes } from './keys.ts';
import type { Table } from './table.ts';

export const makeReportStore = (table: Table): ReportStore => ({
  async read(tenantId, campaignId) {
    const items = await table.all(tenantId, prefixes.report(campaignId));
    const entries = items.map((item) => ({ date: String(item['SK']).split('#').at(-1) ?? '', report: reportSchema.parse(item) }));
    return {
      latest: entries.find(({ date }) => date === 'LATEST')?.report ?? null,
      history: entries.filter(({ date }) => date !== 'LATEST'),
    };
  },
  async latestOf(tenantId, campaignIds) {
    const items = await table.getMany([...new Set(campaignIds)].map((id) => keys.latestReport(tenantId, id)));
    return new Map(items.map((item) => reportSchema.parse(item)).map((report) => [report.campaignId, report]));
  },
  async put(report, date) {
    const { tenantId, campaignId } = report;
    if (date) await table.put({ ...keys.report(tenantId, campaignId, date), ...report });
    await table.put({ ...keys.latestReport(tenantId, campaignId), ...report });
  },
});
