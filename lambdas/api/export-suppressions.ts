import { ROUTES } from '../../src/contract/routes.ts';
import { requireEnv } from '../../src/runtime/env.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { handle } from '../shared/route-handler.ts';

/** About 100 bytes a row: far below the 4 MB a page may have. */
const ROWS = 1_000;
/** A leading =, +, - or @ would be a formula to a spreadsheet. */
const cell = (value: string): string => `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;

/** CSV in pages, newest first; the next one is named by `Link: rel=next`. */
export const exportSuppressions = handle(ROUTES.exportSuppressions, async ({ query, caller, call }, app: StorageApp) => {
  const { tenantId } = caller;
  const before = await app.cursors.open(tenantId, 'suppressions', query.cursor);
  const { items, next } = await app.suppressions.list(tenantId, ROWS, before);
  const rows = items
    .filter(({ email }) => email !== null)
    .map(({ email, reason, since }) => [email ?? '', reason ?? '', since ?? ''].map(cell).join(','));
  call.audit.tell({ after: { rows: rows.length } });
  const cursor = await app.cursors.sign(tenantId, 'suppressions', next);
  const url = `${requireEnv('PUBLIC_BASE_URL')}${ROUTES.exportSuppressions.path}`;
  return {
    status: 200,
    body: ['email,reason,since', ...rows, ''].join('\r\n'),
    contentType: 'text/csv',
    headers: {
      'content-disposition': 'attachment; filename="suppressions.csv"',
      ...(cursor && { link: `<${url}?cursor=${encodeURIComponent(cursor)}>; rel="next"` }),
    },
  };
});
