import { api, Problem } from './page-api.js';
import { byId } from './page-dom.js';
import { guarded } from './page-problem.js';

/** How long a send may be taken back: a choice of the tenant. */
export function mountUndo() {
  const select = byId('undo-window');
  const status = byId('undo-status');
  const problemPlace = byId('undo-problem');

  const load = () =>
    guarded(problemPlace, async () => {
      const settings = await api.get('/settings').catch((error) => {
        if (error instanceof Problem && error.code === 'forbidden') return undefined;
        throw error;
      });
      // A role that may not see the settings cannot change this one either.
      select.closest('.field').hidden = settings === undefined;
      if (!settings) return;
      const { undoWindowSeconds } = settings;
      const known = [...select.options].some(({ value }) => Number(value) === undoWindowSeconds);
      if (!known) select.append(new window.Option(`${undoWindowSeconds} seconds`, String(undoWindowSeconds)));
      select.value = String(undoWindowSeconds);
      select.disabled = false;
    });

  select.addEventListener('change', () => {
    status.textContent = '';
    const undoWindowSeconds = Number(select.value);
    void guarded(problemPlace, async () => {
      await api.put('/settings', { undoWindowSeconds });
      status.textContent = undoWindowSeconds === 0 ? 'Sends go out at once.' : 'Sends wait, and can be taken back until then.';
    });
  });

  return { load };
}
