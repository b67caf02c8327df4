import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpAnswer } from './http-response.ts';

export interface StaticPageOptions {
  folder: string;
  port: number;
  demoApiKey: string;
}

const PAGE_PATHS = new Set(['/', '/settings/integrations']);
const PAGE = 'index.html';
const PART = /^page[-a-z]*\.(js|css)$/;
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};
const KEY_PLACE = '__DEMO_API_KEY__';
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
const MISSING: HttpAnswer = {
  status: 404,
  headers: { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' },
  body: Buffer.from('The page is not part of this checkout. The API is at /v1, its documentation at /v1/docs.\n'),
};

/** Answers the requests that are for the page, and nothing for all others. */
export function makeStaticPage({ folder, port, demoApiKey }: StaticPageOptions) {
  const ownHosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  return (method: string, path: string, host: string | undefined): HttpAnswer | undefined => {
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    // Browsers ask for it by themselves, and complain aloud.
    if (path === '/favicon.ico') return { status: 204, headers: HEADERS, body: Buffer.alloc(0) };
    const isPage = PAGE_PATHS.has(path);
    if (!isPage && !PART.test(path.slice(1))) return undefined;
    // A name that the folder lists, never one that a request made up.
    const file = namesIn(folder).find((name) => (isPage ? name === PAGE : PART.test(name) && `/${name}` === path));
    if (file === undefined) return isPage ? MISSING : undefined;
    const text = readFileSync(join(folder, file), 'utf8');
    // A foreign name that was made to point here would otherwise hand the key to its owner's scripts. Where the place
    // stays empty the page asks for a key.
    const isOwn = host !== undefined && ownHosts.has(host);
    return {
      status: 200,
      headers: { ...HEADERS, 'content-type': TYPES[file.split('.').at(-1) ?? ''] ?? 'text/plain' },
      body: Buffer.from(isOwn ? text.replaceAll(KEY_PLACE, demoApiKey) : text),
    };
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
