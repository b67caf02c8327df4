import { byId, el } from './page-dom.js';

/** A double click on what opened the dialog must not agree to it as well. */
const AGREE_AFTER_MS = 400;

/**
 * Asks before something that cannot be taken back.
 * @param no what is on the button that changes nothing
 * @param mustType what has to be typed before the dialog can be agreed to
 * @returns `{reason}` when the person agreed, otherwise `undefined`
 */
export function ask({ title, lines, yes, no = 'Cancel', isDangerous = false, wantsReason = false, mustType = null }) {
  const dialog = byId('dialog');
  const agree = byId('dialog-yes');
  const reason = byId('dialog-reason');
  byId('dialog-title').textContent = title;
  byId('dialog-lines').replaceChildren(...lines.map((line) => el('p', {}, line)));
  const hasField = wantsReason || mustType !== null;
  byId('dialog-field').hidden = !hasField;
  byId('dialog-label').textContent = mustType === null ? 'Reason' : `Type ${mustType} to confirm`;
  reason.required = hasField;
  reason.value = '';
  reason.setCustomValidity('');
  reason.oninput = () => {
    const isRight = mustType === null || reason.value.trim().toLowerCase() === mustType.toLowerCase();
    reason.setCustomValidity(isRight ? '' : `Type exactly: ${mustType}`);
  };
  agree.textContent = yes;
  byId('dialog-no').textContent = no;
  agree.className = isDangerous ? 'danger' : 'primary';
  agree.disabled = true;
  window.setTimeout(() => (agree.disabled = false), AGREE_AFTER_MS);
  // Closing with Escape keeps the former value.
  dialog.returnValue = '';
  return new Promise((resolve) => {
    const closed = () => resolve(dialog.returnValue === 'yes' ? { reason: reason.value.trim() } : undefined);
    dialog.addEventListener('close', closed, { once: true });
    dialog.showModal();
    (hasField ? reason : byId('dialog-no')).focus();
  });
}
