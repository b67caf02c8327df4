import { api } from './page-api.js';
import { byId, sleep, whileBusy } from './page-dom.js';
import { plural } from './page-format.js';
import { download } from './page-download.js';
import { guarded } from './page-problem.js';

/** Without it spreadsheets take UTF-8 for another encoding; reading the answer removes it. */
const BYTE_ORDER_MARK = '\uFEFF';
const afterHeader = (text) => text.slice(text.indexOf('\n') + 1);

/**
 * All pages of the export in one file. A cell has no line breaks: so many lines, so many rows.
 * @param filters gives those that the list is narrowed by
 */
export function mountExport({ filters }) {
  const status = byId('export-status');

  /** Many pages may take longer than a minute's requests allow. */
  async function page(path) {
    for (;;) {
      try {
        return await api.getText(path);
      } catch (error) {
        if (error.code !== 'rate_limited' || !error.retryAfter) throw error;
        status.textContent = `${status.textContent} Waiting for ${plural(error.retryAfter, 'second')}…`;
        await sleep(error.retryAfter * 1_000);
      }
    }
  }

  async function exportAll() {
    const query = new window.URLSearchParams(filters()).toString();
    const parts = [];
    let rows = 0;
    status.textContent = 'Reading…';
    for (let path = `/suppressions/export${query && `?${query}`}`; path !== null;) {
      const { text, next } = await page(path);
      const lines = afterHeader(text);
      parts.push(parts.length === 0 ? text : lines);
      rows += lines.split('\n').length - 1;
      status.textContent = `${plural(rows, 'address', 'addresses')} so far…`;
      path = next;
    }
    if (rows === 0) {
      status.textContent = 'There is nobody to export; no file was made.';
      return;
    }
    download('suppressions.csv', 'text/csv', [BYTE_ORDER_MARK, ...parts].join(''));
    status.textContent = `suppressions.csv: ${plural(rows, 'address', 'addresses')}. Erased people are not in it.`;
  }

  byId('suppressions-export').addEventListener('click', ({ currentTarget }) =>
    whileBusy(currentTarget, async () => {
      const isDone = await guarded(byId('export-problem'), exportAll);
      if (!isDone) status.textContent = '';
    }),
  );
}
