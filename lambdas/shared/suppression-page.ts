import type * as z from 'zod';
import type { suppressionFilterQuery } from '../../src/contract/suppression.ts';
import { searchSuppression, type SuppressionFilter, type SuppressionPage } from '../../src/core/suppression/list-suppressions.ts';
import { toIso } from '../../src/core/shared/clock.ts';
import { normalizeEmail } from '../../src/core/shared/email-address.ts';
import type { StorageApp } from './compose-storage.ts';

type Query = z.output<typeof suppressionFilterQuery>;

const iso = (time: string | undefined, ofDay: string): string | null =>
  time === undefined ? null : toIso(Date.parse(time.includes('T') ? time : `${time}T${ofDay}Z`));

const filterOf = ({ reason, platform, since, until }: Query): SuppressionFilter => ({
  reason: reason ?? null,
  platform: platform ?? null,
  since: iso(since, '00:00:00.000'),
  until: iso(until, '23:59:59.999'),
});

/**
 * One page of the list and of its export, by the same filters. A cursor is for the very filters it began with, however
 * they are spelled; the two lead into each other.
 * @throws AppError `invalid_cursor`
 */
export async function suppressionPage(
  app: StorageApp,
  tenantId: string,
  query: Query & { limit: number; cursor?: string | undefined },
): Promise<Pick<SuppressionPage, 'items'> & { cursor: string | null }> {
  const filter = filterOf(query);
  const email = query.email === undefined ? null : normalizeEmail(query.email);
  const given = [filter.reason, filter.platform, filter.since, filter.until, email];
  // Only signed, never shown.
  const list = `suppressions ${JSON.stringify(given)}`;
  const before = await app.cursors.open(tenantId, list, query.cursor);
  const { items, next } =
    email === null
      ? await app.suppressions.list(tenantId, query.limit, before, filter)
      : await searchSuppression(app, tenantId, email, filter);
  return { items, cursor: await app.cursors.sign(tenantId, list, next) };
}
