import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpAnswer } from './http-response.ts';

export interface StaticPageOptions {
  folder: string;
  port: number;
  demoApiKey: string;
}

const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/settings/integrations': ['index.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
};
const KEY_PLACE = '__DEMO_API_KEY__';
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Answers the requests that are for the page, and nothing for all others. */
export function makeStaticPage({ folder, port, demoApiKey }: StaticPageOptions) {
  const ownHosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  return (method: string, path: string, host: string | undefined): HttpAnswer | undefined => {
    const served = Object.hasOwn(FILES, path) ? FILES[path] : undefined;
    if (served === undefined || (method !== 'GET' && method !== 'HEAD')) return undefined;
    const [file, type] = served;
    const source = join(folder, file);
    if (!existsSync(source)) {
      const missing = 'The page is not part of this checkout. The API is at /v1, its documentation at /v1/docs.\n';
      return { status: 404, headers: { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(missing) };
    }
    const text = readFileSync(source, 'utf8');
    // A name that was made to point here would otherwise hand the key to its owner's scripts.
    const key = host !== undefined && ownHosts.has(host) ? demoApiKey : '';
    return { status: 200, headers: { ...HEADERS, 'content-type': type }, body: Buffer.from(text.replaceAll(KEY_PLACE, key)) };
  };
}
