import { byId } from './dom.js';

/** What happened, in live regions at the foot of the window, where nothing has to make room for it. */

const SAID_FOR_MS = 6_000;
let fading;

function tell(said, complained) {
  window.clearTimeout(fading);
  byId('said').textContent = said;
  byId('complained').textContent = complained;
  byId('dismiss').hidden = complained === '';
  if (said !== '') fading = window.setTimeout(() => tell('', ''), SAID_FOR_MS);
}

export const say = (words) => tell(words, '');
/** Stays until it is dismissed, or until something else happened. */
export const complain = (error) => tell('', error.message);

/** While the simulator cannot be reached, whatever else is shown may be out of date. */
export function lost(words) {
  if (byId('lost').textContent !== words) byId('lost').textContent = words;
}

byId('dismiss').addEventListener('click', () => tell('', ''));
