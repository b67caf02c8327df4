import type * as z from 'zod';
import { to } from './address.ts';
import { fieldsOf } from './fields-of.ts';
import { withListNotFound } from './mailchimp-errors.ts';
import type { ReadingClient } from './mailchimp-members.ts';
import { abuseReportsAnswer } from './mailchimp-schemas.ts';
import type { Page } from './read-pages.ts';

export type AbuseReportsPage = z.infer<typeof abuseReportsAnswer>;
export type AbuseReport = AbuseReportsPage['abuse_reports'][number];

const FIELDS = fieldsOf(abuseReportsAnswer);

/**
 * Complaints of one audience, in an order that nobody promised, and how many there are. One call.
 * @throws AppError `list_not_found`
 */
export const readAbuseReportPage = (
  client: ReadingClient,
  listId: string,
  page: Page,
  timeoutMs: number | undefined,
): Promise<AbuseReportsPage> =>
  withListNotFound(
    client.request(abuseReportsAnswer, to('listAbuseReports', { list_id: listId }), {
      timeoutMs,
      query: { ...page, fields: FIELDS },
    }),
  );
