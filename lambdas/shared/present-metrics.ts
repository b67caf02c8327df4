import type * as z from 'zod';
import type { campaignMetricsAnswer, campaignReportAnswer } from '../../src/contract/metrics.ts';
import { definitionOf, type Definition, type MetricName, type VendorFields } from '../../src/core/report/definitions.ts';
import { toMetrics } from '../../src/core/report/metrics.ts';
import { LATEST, type Report } from '../../src/core/report/report.ts';
import { MAILCHIMP_REPORT_FIELDS } from '../../src/providers/mailchimp/report-fields.ts';
import type { PlatformId } from '../../src/core/shared/platform-id.ts';

/** A new platform does not compile until it says where its counts come from. */
const VENDOR_FIELDS = { mailchimp: MAILCHIMP_REPORT_FIELDS } satisfies Record<PlatformId, VendorFields>;

export const METRICS_NOTE =
  'Mailchimp counts in batches: a number may be up to 24 hours late, and the first hour may show nothing. asOf is when it was read.';

type ByMetric<T> = Record<MetricName, T>;

/** One value for each metric. */
const forEach = <T>(value: (name: MetricName) => T): ByMetric<T> => ({
  emailsSent: value('emailsSent'),
  delivered: value('delivered'),
  opens: value('opens'),
  opensExcludingProxy: value('opensExcludingProxy'),
  uniqueOpens: value('uniqueOpens'),
  uniqueOpensExcludingProxy: value('uniqueOpensExcludingProxy'),
  openRate: value('openRate'),
  openRateExcludingProxy: value('openRateExcludingProxy'),
  clicks: value('clicks'),
  uniqueClicks: value('uniqueClicks'),
  clickRate: value('clickRate'),
  clickToOpenRate: value('clickToOpenRate'),
  bounces: value('bounces'),
  hardBounces: value('hardBounces'),
  softBounces: value('softBounces'),
  bounceRate: value('bounceRate'),
  unsubscribes: value('unsubscribes'),
  unsubscribeRate: value('unsubscribeRate'),
  spamComplaints: value('spamComplaints'),
});

const definitionsOf = (platform: PlatformId): ByMetric<Definition> =>
  forEach((name) => definitionOf(name, VENDOR_FIELDS[platform]));

const presentNumbers = (report: Report, date: string) => ({
  ...toMetrics(report),
  decreases: report.decreases,
  report: `/v1/campaigns/${report.campaignId}/reports/${date}`,
});

export const presentMetrics = (
  { id, platform }: { id: string; platform: PlatformId },
  latest: Report | undefined,
  history: readonly { date: string; report: Report }[],
): z.output<typeof campaignMetricsAnswer> => ({
  campaignId: id,
  note: METRICS_NOTE,
  definitions: definitionsOf(platform),
  latest: latest ? presentNumbers(latest, LATEST) : null,
  history: history.map(({ date, report }) => ({ date, ...presentNumbers(report, date) })),
});

/** Each number beside its formula and the fields it came from, and the vendor's report itself. */
export function presentReport(platform: PlatformId, date: string, report: Report): z.output<typeof campaignReportAnswer> {
  const metrics = toMetrics(report);
  const definitions = definitionsOf(platform);
  return {
    campaignId: report.campaignId,
    date,
    asOf: report.asOf,
    decreases: report.decreases,
    vendor: report.vendor,
    metrics: forEach((name) => ({ value: metrics[name], ...definitions[name] })),
  };
}
