import { ROUTES } from '../../src/contract/routes.ts';
import { EXPORT_COLUMNS } from '../../src/contract/suppression.ts';
import { platformsOf } from '../../src/core/suppression/list-suppressions.ts';
import { activeFacts, type Suppression } from '../../src/core/suppression/suppression.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { csvPage } from '../shared/csv-page.ts';
import { handle } from '../shared/route-handler.ts';
import { suppressionPage } from '../shared/suppression-page.ts';

/** At most 3 KB a row, where address and note are as long as they may be and not in Latin letters: below 4 MB. */
const ROWS = 1_000;
const NOTE_LENGTH = 500;

/** CSV in pages, newest first; the next one is named by `Link: rel=next`. Erased people have no row. */
export const exportSuppressions = handle(ROUTES.exportSuppressions, async ({ query, caller, call }, app: StorageApp) => {
  const { items, cursor } = await suppressionPage(app, caller.tenantId, { ...query, limit: ROWS });
  const rows = items.flatMap((item) => (item.email === null ? [] : [rowOf(item, item.email)]));
  call.audit.tell({ after: { rows: rows.length } });
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return csvPage({
    name: 'suppressions',
    path: ROUTES.exportSuppressions.path,
    columns: EXPORT_COLUMNS,
    rows,
    next: cursor === null ? null : { ...Object.fromEntries(given), cursor },
  });
});

function rowOf(suppression: Suppression, email: string): (string | null)[] {
  const { reason, since, facts } = suppression;
  const told = activeFacts(facts).sort((a, b) => (a.since < b.since ? -1 : 1));
  const via = [...new Set(told.map(({ fact }) => fact.via))].sort();
  const note = told.find(({ kind, fact }) => kind === reason && fact.vendorReason !== null)?.fact.vendorReason;
  return [email, reason, since, platformsOf(suppression).join(' '), via.join(' '), note?.slice(0, NOTE_LENGTH) ?? null];
}
