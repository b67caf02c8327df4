import { api, Problem } from './page-api.js';
import { byId, el, replace, terms, whileBusy } from './page-dom.js';
import { count, plural, readable } from './page-format.js';
import { table } from './page-list.js';
import { guarded, problemView, showProblem } from './page-problem.js';

const MAX_BYTES = 2 * 1024 * 1024;
const MAX_LINES = 10_000;
const SHOWN = 200;
const OUTCOME = { erased: 'Erased person', invalid: 'Not usable', not_reached: 'Not reached' };
const IS_FINE = new Set(['added', 'known']);
const SPLIT =
  'Split the file into several, each beginning with the same first line (the header), and import them one after the other. The order does not matter.';

/** Lines below the header. Line breaks within quotes are none. */
const linesIn = (text) =>
  text
    .replaceAll(/"[^"]*"/g, '""')
    .split(/\r\n|\r|\n/)
    .filter((line) => line !== '').length - 1;

/** The text of the file, or why it cannot be taken, as a problem. */
async function read(file) {
  if (file.size > MAX_BYTES) return { problem: tooLarge(`It has ${(file.size / 1024 / 1024).toFixed(1)} MB.`) };
  let text;
  try {
    text = new window.TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return {
      problem: {
        title: 'This file cannot be read',
        cause: 'It is not text in UTF-8, or it was changed or removed after it was chosen.',
        fix: 'Save it again as “CSV UTF-8” in your spreadsheet program, then choose it again.',
      },
    };
  }
  const lines = linesIn(text);
  return lines > MAX_LINES ? { problem: tooLarge(`It has ${plural(lines, 'line')} below the header.`) } : { text };
}

const tooLarge = (size) => ({
  title: 'This file is too large',
  cause: `${size} At most ${count(MAX_LINES)} lines and 2 MB are taken in at once.`,
  fix: SPLIT,
});

const totalsView = ({ totals, dryRun }) =>
  terms(
    [
      [dryRun ? 'Would be added' : 'Added', count(totals.added)],
      ['Suppressed already', count(totals.known)],
      ['Erased people', count(totals.erased)],
      ['Not usable', count(totals.invalid)],
    ],
    'metrics',
  );

function linesView({ lines }) {
  const odd = lines.filter(({ outcome }) => !IS_FINE.has(outcome));
  if (odd.length === 0) return [];
  const columns = [
    { title: 'Address', kind: 'main', cell: ({ email }) => email || '–' },
    { title: 'Line', cell: ({ line }) => count(line) },
    { title: 'Outcome', cell: ({ outcome }) => OUTCOME[outcome] },
    { title: 'Why', cell: ({ message }) => readable(message) },
  ];
  const rest = odd.length - SHOWN;
  return [
    table('Lines that add nothing', columns, odd.slice(0, SHOWN)),
    rest > 0 ? el('p', { class: 'hint' }, `And ${plural(rest, 'more line')} of the kind.`) : null,
  ];
}

/** A line that only makes graver what another one adds is no further address. */
const addressesIn = ({ lines }) =>
  new Set(lines.filter(({ outcome }) => outcome === 'added').map(({ email }) => email.trim().toLowerCase())).size;

/** First a dry run, then the import itself with the very same text. */
export function mountImport({ onImported }) {
  const [form, input] = [byId('import-form'), byId('import-file')];
  const [status, problemPlace, result] = [byId('import-status'), byId('import-problem'), byId('import-result')];
  const check = byId('import-check');

  function clear() {
    status.textContent = '';
    problemPlace.replaceChildren();
    result.replaceChildren();
  }

  const send = (text, dryRun) => api.postText(`/suppressions/import?dryRun=${dryRun}`, text, 'text/csv');

  async function tryOut(file) {
    clear();
    const { text, problem } = await read(file);
    if (problem) {
      problemPlace.replaceChildren(problemView(problem));
      return;
    }
    status.textContent = 'Checking the file…';
    const isDone = await guarded(problemPlace, async () => {
      const answer = await send(text, true);
      const addresses = addressesIn(answer);
      status.textContent =
        addresses > 0
          ? `${file.name} was checked, ${plural(answer.totals.lines, 'line')}. Nothing is imported yet.`
          : `${file.name} was checked, ${plural(answer.totals.lines, 'line')}. It would add nobody.`;
      replace(
        result,
        totalsView(answer),
        addresses > 0
          ? importControl(text, `Import ${plural(addresses, 'address', 'addresses')}`)
          : el('p', { class: 'notice' }, 'There is nothing to import.'),
        ...linesView(answer),
      );
    });
    if (!isDone) status.textContent = '';
  }

  const importControl = (text, label) =>
    el(
      'div',
      { class: 'buttons' },
      el(
        'button',
        { type: 'button', class: 'primary', onClick: (event) => void whileBusy(event.currentTarget, () => take(text)) },
        label,
      ),
    );

  /** It may be repeated at will: what is in the list already is known. */
  async function take(text) {
    // Another file in the meantime would be shown with the outcome of this one.
    input.disabled = check.disabled = true;
    status.textContent = 'Importing…';
    problemPlace.replaceChildren();
    try {
      const answer = await send(text, false);
      const { added, notReached } = answer.totals;
      status.textContent =
        notReached > 0
          ? `Imported in part: ${plural(notReached, 'line was', 'lines were')} not reached. Import the rest now; repeating does no harm.`
          : `Imported: ${plural(added, 'line')} added.`;
      replace(result, totalsView(answer), notReached > 0 ? importControl(text, 'Import the rest') : null, ...linesView(answer));
      if (notReached === 0) form.reset();
      result.focus();
    } catch (error) {
      showProblem(problemPlace, error);
      status.textContent =
        error instanceof Problem && error.isOpen
          ? 'Some lines may have been imported. Import again: repeating does no harm.'
          : '';
    } finally {
      input.disabled = check.disabled = false;
    }
    await onImported();
  }

  input.addEventListener('change', clear);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const [file] = input.files;
    if (file) void whileBusy(check, () => tryOut(file));
  });
}
