import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PAGE_FILES } from '../../local/simulator/page-files.ts';
import { call, openSimulator, type Opened } from './open-simulator.ts';
import { rowsAt } from './read.ts';

const FOLDER = 'local/simulator/page';

describe('the files of the page', () => {
  let opened: Opened;

  beforeAll(async () => {
    opened = await openSimulator();
  });
  afterAll(() => opened.close());

  it('are all that its folder has', () => {
    expect(PAGE_FILES.toSorted()).toEqual(readdirSync(FOLDER).toSorted());
  });

  it('are short enough to be read', () => {
    const lines = (name: string): number =>
      readFileSync(`${FOLDER}/${name}`, 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '').length;
    expect(PAGE_FILES.filter((name) => /\.(js|css)$/.test(name) && lines(name) > 250)).toEqual([]);
  });

  it.each([
    ['/', 'text/html; charset=utf-8'],
    ['/page/page.css', 'text/css; charset=utf-8'],
    ['/page/page.js', 'text/javascript; charset=utf-8'],
    ['/page/icon.svg', 'image/svg+xml; charset=utf-8'],
  ])('come from disk as what they are: %s', async (path, type) => {
    const { status, headers, text } = await call('GET', `${opened.url}${path}`);
    expect([status, headers.get('content-type')]).toEqual([200, type]);
    expect(text).toBe(readFileSync(`${FOLDER}/${path === '/' ? 'index.html' : path.slice(6)}`, 'utf8'));
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch(/default-src 'self';.*frame-ancestors 'none'/);
  });

  it('answer HEAD without a body, and nothing but reading', async () => {
    const head = await call('HEAD', `${opened.url}/`);
    expect([head.status, head.text]).toEqual([200, '']);
    const posted = await call('POST', `${opened.url}/`);
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it.each(['/page/', '/page/constructor', '/page/../page-files.ts', '/page/..%2fpage-files.ts', '/page/%2e%2e/server.ts'])(
    'are the only ones: %s is none of them',
    async (path) => {
      expect((await call('GET', `${opened.url}${path}`)).status).toBe(404);
    },
  );

  it('never count as calls of the vendor', async () => {
    await opened.control('DELETE', '/calls');
    for (const path of ['/', '/page/page.js', '/page/nothing.js']) await call('GET', `${opened.url}${path}`);
    expect(rowsAt((await opened.control('GET', '/calls')).body, 'calls')).toEqual([]);
  });
});
