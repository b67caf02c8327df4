import * as z from 'zod';
import { idSchema } from '../core/shared/ids.ts';
import { acceptedRunSchema, pageQuery } from './common.ts';
import { campaignMetricsAnswer, campaignReportAnswer, METRICS_COLUMNS, metricsSummaryAnswer, periodQuery } from './metrics.ts';
import { READERS, WRITERS, type Route } from './route.ts';

const campaignPath = z.object({ id: idSchema('campaign') });

export const metricsRoutes = {
  getMetrics: {
    method: 'GET',
    path: '/v1/campaigns/{id}/metrics',
    fn: 'api-read',
    roles: READERS,
    summary: 'Latest numbers, their daily history, and what each means',
    params: campaignPath,
    query: z.strictObject(periodQuery),
    answer: { status: 200, schema: campaignMetricsAnswer },
    errors: [],
  },
  getReport: {
    method: 'GET',
    path: '/v1/campaigns/{id}/reports/{date}',
    fn: 'api-read',
    roles: READERS,
    summary: 'The stored vendor report behind the numbers: `latest`, or of a UTC date',
    params: campaignPath.extend({ date: z.string().regex(/^(latest|\d{4}-\d{2}-\d{2})$/) }),
    answer: { status: 200, schema: campaignReportAnswer },
    errors: [],
  },
  summarizeMetrics: {
    method: 'GET',
    path: '/v1/campaigns/metrics/summary',
    fn: 'api-read',
    roles: READERS,
    summary: 'Campaigns sent in a period taken together: totals, rates over totals, best and worst',
    query: z.strictObject({ ...periodQuery, audienceId: idSchema('audience').optional() }),
    answer: { status: 200, schema: metricsSummaryAnswer },
    errors: [],
  },
  exportMetrics: {
    method: 'GET',
    path: '/v1/campaigns/metrics/export',
    fn: 'api-read',
    throttle: 'bulk',
    roles: READERS,
    summary: 'CSV pages, one row per campaign sent in a period; follow Link: rel=next',
    query: z.strictObject({ ...periodQuery, cursor: pageQuery.cursor }),
    audit: 'metrics.exported',
    answer: { status: 200, schema: null, csvColumns: METRICS_COLUMNS },
    errors: ['invalid_cursor'],
  },
  refreshMetrics: {
    method: 'POST',
    path: '/v1/campaigns/{id}/metrics/refresh',
    fn: 'api-write',
    roles: WRITERS,
    summary: 'Read the numbers anew',
    params: campaignPath,
    answer: { status: 202, schema: acceptedRunSchema },
    errors: ['not_connected', 'invalid_token', 'account_disabled'],
  },
} as const satisfies Record<string, Route>;
