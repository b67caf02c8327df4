import { act } from './action.js';
import { control } from './control.js';
import { open } from './dialog.js';
import { byId } from './dom.js';

/** Begins anew, after a question. */
export function mountReset() {
  const dialog = byId('reset-dialog');
  let seed = '';

  byId('reset-open').addEventListener('click', () => {
    byId('reset-seed').value = seed;
    byId('reset-empty').checked = false;
    open(dialog, byId('reset-no'));
  });
  byId('reset-no').addEventListener('click', () => dialog.close());
  byId('reset-form').addEventListener('submit', (event) => {
    event.preventDefault();
    dialog.close();
    const wanted = byId('reset-seed').value.trim();
    void act(byId('reset-open'), async () => {
      await control.post('/reset', { empty: byId('reset-empty').checked, ...(wanted !== '' && { seed: wanted }) });
      return 'Everything begins anew.';
    });
  });

  return { show: (state) => (seed = state.seed) };
}
