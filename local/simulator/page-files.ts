import { readFileSync } from 'node:fs';
import type { Answer } from './api-call.ts';
import type { HttpRequest } from './http-request.ts';
import { notAllowed, notFound } from './problem.ts';

/** The web page at `/`: whatever is in this folder and named below. */
const FOLDER = new URL('./page/', import.meta.url);
export const PAGE_FILES: readonly string[] = [
  'index.html',
  'page.css',
  'controls.css',
  'tables.css',
  'above.css',
  'narrow.css',
  'icon.svg',
  'page.js',
  'accounts.js',
  'action.js',
  'burst.js',
  'calls.js',
  'campaigns.js',
  'clock.js',
  'control.js',
  'deliveries.js',
  'dialog.js',
  'dom.js',
  'faults.js',
  'hooks.js',
  'lists.js',
  'members.js',
  'menu.js',
  'notice.js',
  'reset.js',
  'table.js',
  'words.js',
];

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  svg: 'image/svg+xml',
};

/** Nothing but these files runs on the page, no text can become markup by a script's mistake, and nobody frames it. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
};

/** Whether a path is one of the page's; such calls are nothing the vendor was asked and stay out of the log. */
export const isPagePath = (path: string): boolean => path === '/' || path.startsWith('/page/');

/**
 * Serves the page a person sees who opens the simulator in a browser: files by name, never by a path a request made up.
 * @throws ApiProblem 404, 405
 */
export function servePage({ method, path }: HttpRequest): Answer {
  const name = path === '/' ? 'index.html' : path.slice('/page/'.length);
  if (!PAGE_FILES.includes(name)) throw notFound();
  if (method !== 'GET' && method !== 'HEAD') throw notAllowed('Method not allowed.', 'GET, HEAD');
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/plain';
  return {
    status: 200,
    text: readFileSync(new URL(name, FOLDER), 'utf8'),
    headers: { ...HEADERS, 'Content-Type': `${type}; charset=utf-8` },
  };
}
