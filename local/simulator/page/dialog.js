import { byId, focusAgain } from './dom.js';

/** Opens a dialog; the row it was opened from may be drawn anew meanwhile. */
export function open(dialog, first) {
  const opener = document.activeElement;
  dialog.addEventListener('close', () => focusAgain(opener), { once: true });
  dialog.showModal();
  first.focus();
}

/**
 * Asks before something that cannot be taken back, or for one more word.
 * @param field `{label, type?}` of what has to be typed, if anything has
 * @returns what was typed, or `true`, when the person agreed; otherwise `undefined`
 */
export function ask({ title, words, yes, isDanger = false, field }) {
  const [dialog, form, input] = [byId('ask'), byId('ask-form'), byId('ask-input')];
  byId('ask-title').textContent = title;
  byId('ask-words').textContent = words;
  byId('ask-yes').textContent = yes;
  byId('ask-yes').className = isDanger ? 'danger' : 'primary';
  byId('ask-field').hidden = field === undefined;
  byId('ask-label').textContent = field?.label ?? '';
  input.type = field?.type ?? 'text';
  input.required = field !== undefined;
  input.value = '';
  dialog.returnValue = '';
  form.onsubmit = (event) => {
    event.preventDefault();
    dialog.close('yes');
  };
  byId('ask-no').onclick = () => dialog.close();
  return new Promise((resolve) => {
    const closed = () => resolve(dialog.returnValue === 'yes' ? (field === undefined ? true : input.value.trim()) : undefined);
    dialog.addEventListener('close', closed, { once: true });
    open(dialog, field === undefined ? byId('ask-no') : input);
  });
}

/** Shows a token until the dialog is closed; then nothing on the page has it any more. */
export function showToken(token, accountName) {
  const [dialog, value] = [byId('token'), byId('token-value')];
  byId('token-words').textContent = `For ${accountName}.`;
  byId('token-copied').textContent = '';
  value.value = token;
  byId('token-copy').onclick = () => copy(value);
  byId('token-close').onclick = () => dialog.close();
  dialog.addEventListener('close', () => (value.value = ''), { once: true });
  open(dialog, value);
  value.select();
}

/** The clipboard may be refused; then the text is at least selected. */
async function copy(value) {
  value.select();
  try {
    await window.navigator.clipboard.writeText(value.value);
    byId('token-copied').textContent = 'Copied.';
  } catch {
    byId('token-copied').textContent = 'The browser does not let this page copy. It is selected: press Ctrl+C.';
  }
}
