import { byId, el, focusAgain } from './dom.js';

const GAP = 4;

/**
 * A button that opens a menu.
 * @param title,choices what the menu shows; asked for when it is opened
 */
export const menuButton = (words, { label, focus, title, choices }) =>
  el(
    'button',
    {
      type: 'button',
      class: 'quiet more',
      'aria-label': label,
      'aria-haspopup': 'true',
      'aria-expanded': 'false',
      'data-focus': focus,
      onClick: ({ currentTarget }) => openMenu(currentTarget, title(), choices()),
    },
    words,
  );

let opened;

/**
 * Opens the menu beside what was pressed. It closes by itself: on a choice, on Escape, and on a click elsewhere.
 * @param items `[{words, isDanger?, choose(button)}]`; `null` is left out
 */
function openMenu(opener, title, items) {
  const menu = byId('menu');
  byId('menu-title').textContent = title;
  byId('menu-items').replaceChildren(
    ...items
      .filter((item) => item !== null)
      .map(({ words, isDanger = false, choose }) =>
        el('button', { type: 'button', class: isDanger ? 'choice bad' : 'choice', onClick: () => chosen(choose, opener) }, words),
      ),
  );
  menu.showPopover();
  opened = opener;
  opener.setAttribute('aria-expanded', 'true');
  place(menu, opener.getBoundingClientRect());
  byId('menu-items').firstElementChild?.focus();
}

function chosen(choose, opener) {
  byId('menu').hidePopover();
  focusAgain(opener);
  choose(opener);
}

/** Below what was pressed, or above where there is no room; narrow screens show it as a sheet at the foot instead. */
function place(menu, at) {
  const { width, height } = menu.getBoundingClientRect();
  const below = at.bottom + GAP + height <= window.innerHeight;
  menu.style.left = `${Math.max(GAP, Math.min(at.right - width, window.innerWidth - width - GAP))}px`;
  menu.style.top = `${Math.max(GAP, below ? at.bottom + GAP : at.top - GAP - height)}px`;
}

byId('menu').addEventListener('beforetoggle', ({ newState }) => {
  if (newState === 'closed') opened?.setAttribute('aria-expanded', 'false');
});
byId('menu').addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const choices = [...byId('menu-items').children];
  const at = choices.indexOf(document.activeElement);
  choices.at((at + step) % choices.length)?.focus();
});
