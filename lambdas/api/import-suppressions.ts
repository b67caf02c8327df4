import { ROUTES } from '../../src/contract/routes.ts';
import { EXPORT_COLUMNS, MAX_IMPORT_LINES } from '../../src/contract/suppression.ts';
import { SECOND } from '../../src/core/shared/clock.ts';
import { IMPORT_OUTCOMES, importSuppressions as take } from '../../src/core/suppression/import-suppressions.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { readCsv } from '../shared/read-csv.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** API Gateway ends a request at 30 s. */
const TIME_MS = 20 * SECOND;

export const importSuppressions = handle(ROUTES.importSuppressions, async ({ query, body, caller, call }, app: VendorApp) => {
  const until = app.clock.now() + TIME_MS;
  const dryRun = query.dryRun === 'true';
  const file = readCsv(body, { needs: 'email', most: MAX_IMPORT_LINES, ours: EXPORT_COLUMNS });
  // A spreadsheet leaves rows of nothing but delimiters.
  const told = file.filter(({ cells, problem }) => problem !== null || [...cells.values()].some((cell) => cell.trim() !== ''));
  const rows = told.map(({ line, cells, problem }) => ({
    line,
    problem,
    email: cells.get('email') ?? '',
    reason: cells.get('reason') ?? '',
    since: cells.get('since') ?? '',
    note: cells.get('note') ?? '',
  }));
  call.audit.tell({ after: { dryRun, lines: rows.length } });
  const lines = await take(app, caller.tenantId, rows, { dryRun, actor: caller.actor, until });
  const [added, known, erased, invalid, notReached] = IMPORT_OUTCOMES.map(
    (outcome) => lines.filter((line) => line.outcome === outcome).length,
  );
  const totals = {
    lines: lines.length,
    added: added ?? 0,
    known: known ?? 0,
    erased: erased ?? 0,
    invalid: invalid ?? 0,
    notReached: notReached ?? 0,
  };
  call.audit.tell({ after: { dryRun, ...totals } });
  return ok({ dryRun, totals, lines });
});
