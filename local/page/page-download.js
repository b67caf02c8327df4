import { el } from './page-dom.js';

/** Hands `text` over as a file. */
export function download(name, type, text) {
  const url = window.URL.createObjectURL(new window.Blob([text], { type }));
  const link = el('a', { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has taken hold of it by then.
  window.setTimeout(() => window.URL.revokeObjectURL(url), 60_000);
}
