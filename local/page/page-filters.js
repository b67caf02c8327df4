import { byId, el, whileBusy } from './page-dom.js';

/**
 * What the list of suppressions is narrowed by. It counts once the form is sent, so that nothing moves while somebody types.
 * @param onChange loads the list anew
 */
export function mountFilters({ onChange }) {
  const form = byId('filter-form');
  const clearButton = byId('filter-clear');
  const [since, until] = [byId('filter-since'), byId('filter-until')];
  let applied = {};

  const isOn = () => Object.keys(applied).length > 0;

  async function apply() {
    const given = [...new window.FormData(form)].map(([name, value]) => [name, value.trim()]);
    applied = Object.fromEntries(given.filter(([, value]) => value !== ''));
    clearButton.hidden = !isOn();
    await onChange();
  }

  /** The button that was pressed goes away with the filters: the focus goes to the first of them. */
  async function clear() {
    form.reset();
    limitPeriod();
    byId('filter-reason').focus();
    await apply();
  }

  /** The browser refuses a period that ends before it begins, in the reader's language. */
  const limitPeriod = () => (until.min = since.value);

  since.addEventListener('input', limitPeriod);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void whileBusy(byId('filter-apply'), apply);
  });
  const clearControl = () => el('button', { type: 'button', onClick: () => void clear() }, 'Clear the filters');
  clearButton.addEventListener('click', () => void clear());

  return { applied: () => applied, isOn, clearControl };
}
