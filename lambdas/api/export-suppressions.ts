import { ROUTES } from '../../src/contract/routes.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { csvPage } from '../shared/csv-page.ts';
import { handle } from '../shared/route-handler.ts';

/** About 100 bytes a row: far below the 4 MB a page may have. */
const ROWS = 1_000;

/** CSV in pages, newest first; the next one is named by `Link: rel=next`. */
export const exportSuppressions = handle(ROUTES.exportSuppressions, async ({ query, caller, call }, app: StorageApp) => {
  const { tenantId } = caller;
  const before = await app.cursors.open(tenantId, 'suppressions', query.cursor);
  const { items, next } = await app.suppressions.list(tenantId, ROWS, before);
  const rows = items
    .filter(({ email }) => email !== null)
    .map(({ email, reason, since }) => [email ?? '', reason ?? '', since ?? '']);
  call.audit.tell({ after: { rows: rows.length } });
  const cursor = await app.cursors.sign(tenantId, 'suppressions', next);
  return csvPage({
    name: 'suppressions',
    path: ROUTES.exportSuppressions.path,
    columns: ['email', 'reason', 'since'],
    rows,
    next: cursor === null ? null : { cursor },
  });
});
