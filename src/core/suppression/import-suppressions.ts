import * as z from 'zod';
import { isAppError, type AppError } from '../shared/app-error.ts';
import { toIso, type Clock } from '../shared/clock.ts';
import { emailSchema, MAX_ADDRESS_LENGTH, normalizeEmail } from '../shared/email-address.ts';
import { runAll } from '../shared/run-all.ts';
import { withoutAddresses } from '../shared/without-addresses.ts';
import { addFact, type SuppressionDeps } from './suppress.ts';
import { judge, mergeFact, type NewFact, type Suppression } from './suppression.ts';

/** One row of a file; a cell that is not there is empty. */
export interface ImportRow {
  /** Of the file, the header being 1. */
  line: number;
  email: string;
  reason: string;
  since: string;
  note: string;
  /** What is wrong with the row as such. */
  problem?: string | null;
}

export const IMPORT_OUTCOMES = ['added', 'known', 'erased', 'invalid', 'not_reached'] as const;
export interface ImportedLine {
  line: number;
  /** As given, as far as an address may go; `null` where the person was erased. */
  email: string | null;
  outcome: (typeof IMPORT_OUTCOMES)[number];
  message: string;
}

const IN_FLIGHT = 32;
const cellsSchema = z.object({
  email: emailSchema,
  reason: z.enum(['unsubscribe', 'bounce', 'complaint', 'manual'], 'must be unsubscribe, bounce, complaint or manual'),
  since: z
    .union([z.iso.date(), z.iso.datetime({ offset: true })], 'must be a date, or a time in ISO 8601')
    .transform((value) => new Date(value).toISOString()),
  note: z
    .string()
    .max(500, 'must be at most 500 characters')
    .regex(/^[^\uFFFD]*$/u, 'holds a character that could not be read: save the file in UTF-8')
    .nullable(),
});

interface Line extends ImportedLine {
  address: string;
  hash: string | null;
  /** What it would add; `null` where it adds nothing. */
  fact: NewFact | null;
}

/** Characters that JSON spells out, some by six, would make the answer larger than the file by far. */
const shown = (email: string): string => email.slice(0, MAX_ADDRESS_LENGTH).replace(/[\p{C}"\\]/gu, '?');

/** What one line says, or why it says nothing. */
function readRow(row: ImportRow, nowIso: string, actor: string): NewFact | string {
  if (row.problem) return row.problem;
  const cells = cellsSchema.safeParse({
    email: row.email,
    reason: row.reason.trim().toLowerCase() || 'manual',
    since: row.since.trim() || nowIso,
    note: row.note.trim() || null,
  });
  if (!cells.success) return cells.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
  const { reason, since, note } = cells.data;
  if (since > nowIso) return 'since must not be in the future';
  return {
    kind: reason,
    via: 'import',
    platform: null,
    audienceId: null,
    campaignVendorId: null,
    at: since,
    vendorReason: note && withoutAddresses(note),
    actor,
  };
}

/**
 * What the lines of one address do to its record, in the order of the file: each is judged after those before it.
 * A line that would change neither reason nor time is known, and costs nothing. Only of an address that moved every line is
 * written: the address it moved to may not have been told, which this record does not show.
 */
function judgeLines(lines: readonly Line[], record: Pick<Suppression, 'facts' | 'successors'> | undefined): Line[] {
  let facts = record?.facts ?? {};
  const hasMoved = (record?.successors.length ?? 0) > 0;
  if (Object.values(facts).some(({ kind }) => kind === 'erasure'))
    return lines.map((line) => ({
      ...line,
      email: null,
      outcome: 'erased',
      message: 'Erased people are not taken in again; they stay suppressed.',
      fact: hasMoved && line.fact ? { ...line.fact, vendorReason: null } : null,
    }));
  const first = lines[0]?.line;
  return lines.map((line) => {
    const again = line.line === first ? '' : `The same address as line ${first}. `;
    if (!line.fact) return line;
    const [before, merged] = [judge(facts), mergeFact(facts, line.fact)];
    const after = judge(merged);
    if (hasMoved) facts = merged;
    if (after.reason === null && hasMoved)
      return {
        ...line,
        outcome: 'known',
        message: `${again}It was lifted later than the line says it left; the address it moved to is told all the same.`,
      };
    if (after.reason === null)
      return { ...line, outcome: 'invalid', message: `${again}It was lifted later than the line says it left.`, fact: null };
    if (before.reason === after.reason && before.since === after.since)
      return { ...line, outcome: 'known', message: `${again}Suppressed already.`, fact: hasMoved ? line.fact : null };
    facts = merged;
    return {
      ...line,
      outcome: 'added',
      message: `${again}Suppressed for: ${after.reason}${after.reason === 'complaint' ? ', which is never lifted' : ''}.`,
    };
  });
}

/**
 * Takes in the lines of a file. Nothing is ever lifted by it, and doing it again changes nothing. Costs one read of each
 * address (1 RRU), and a read and a write of each that is new, 32 at once. What is not reached by `until`, or when the
 * store falls silent, says so: the address itself may be written then, and those it moved to not yet.
 * @param options.dryRun judges all the same, and writes nothing
 * @param options.until ms since the epoch
 * @throws AppError `service_unavailable` when no line was done whole
 */
export async function importSuppressions(
  deps: SuppressionDeps & { clock: Clock },
  tenantId: string,
  rows: readonly ImportRow[],
  options: { dryRun: boolean; actor: string; until: number },
): Promise<ImportedLine[]> {
  const nowIso = toIso(deps.clock.now());
  const lines = await Promise.all(
    rows.map(async (row): Promise<Line> => {
      const told = readRow(row, nowIso, options.actor);
      const of = { line: row.line, email: shown(row.email), address: row.email };
      if (typeof told !== 'string')
        return {
          ...of,
          outcome: 'known',
          message: '',
          fact: told,
          hash: await deps.hasher.hash(tenantId, normalizeEmail(row.email)),
        };
      // An erased person's address must be known for one even where the rest of its line is wrong.
      const isAddress = emailSchema.safeParse(row.email).success;
      const hash = isAddress ? await deps.hasher.hash(tenantId, normalizeEmail(row.email)) : null;
      return { ...of, outcome: 'invalid', message: told, fact: null, hash };
    }),
  );
  const groups = new Map<string, Line[]>();
  for (const line of lines) if (line.hash !== null) groups.set(line.hash, [...(groups.get(line.hash) ?? []), line]);
  const strangers = lines.filter(({ hash }) => hash === null);
  const records = await deps.suppressions.getMany(tenantId, [...groups.keys()]);
  const judged = [...groups].map(([hash, group]) => judgeLines(group, records.get(hash)));
  const done = options.dryRun ? judged : await write(deps, tenantId, judged, options.until);
  return [...strangers, ...done.flat()]
    .sort((a, b) => a.line - b.line)
    .map(({ line, email, outcome, message }) => ({ line, email, outcome, message }));
}

async function write(deps: SuppressionDeps & { clock: Clock }, tenantId: string, groups: readonly Line[][], until: number) {
  let written = 0;
  const failures: AppError[] = [];
  const done = await runAll(groups, IN_FLIGHT, async (group) => {
    const ended: Line[] = [];
    for (const line of group) {
      if (!line.fact) {
        ended.push(line);
        continue;
      }
      if (failures.length > 0 || deps.clock.now() >= until) {
        ended.push({ ...line, outcome: 'not_reached', message: 'Not reached in time: import the file again.' });
        continue;
      }
      try {
        await addFact(deps, tenantId, line.address, line.fact);
        written += 1;
        ended.push(line);
      } catch (error) {
        if (!isAppError(error, 'service_unavailable')) throw error;
        failures.push(error);
        ended.push({
          ...line,
          outcome: 'not_reached',
          message: 'The store was busy, and the line may have been written in part: import the file again.',
        });
      }
    }
    return ended;
  });
  const [failure] = failures;
  if (failure && written === 0) throw failure;
  return done;
}
