import { describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeStaticPage } from '../../local/stack/http/static-page.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
writeFileSync(join(folder, 'index.html'), '<meta name="api-key" content="__DEMO_API_KEY__" />');
for (const file of ['page.js', 'page-send.js', 'page.css', 'notes.js', 'page.md']) writeFileSync(join(folder, file), file);

const page = makeStaticPage({ folder, port: 4000, demoApiKey: 'ilx_demo' });
const get = (path: string, host = '127.0.0.1:4000') => page('GET', path, host);
const text = (path: string, host?: string) => get(path, host)?.body.toString('utf8');

describe('the page of the local stack', () => {
  test.each([
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/page-send.js', 'text/javascript; charset=utf-8'],
    ['/page.css', 'text/css; charset=utf-8'],
  ])('serves %s', (path, type) => {
    expect(text(path)).toBe(path.slice(1));
    expect(get(path)?.headers['content-type']).toBe(type);
  });

  test.each([
    '/notes.js',
    '/page.md',
    '/page-other.js',
    '/../page.js',
    '/page/../page.js',
    '/%70age.js',
    '/index.html',
    '/v1/health',
  ])('has nothing to do with %s', (path) => expect(get(path)).toBeUndefined());

  test('only reads', () => expect(page('POST', '/', '127.0.0.1:4000')).toBeUndefined());

  test.each(['/', '/settings/integrations'])('hands the key of the demo tenant to %s of this machine', (path) => {
    for (const host of ['127.0.0.1:4000', 'localhost:4000']) expect(text(path, host)).toContain('content="ilx_demo"');
  });

  test.each(['elsewhere.test', '127.0.0.1:4001', '127.0.0.1:4000.elsewhere.test'])('hands no key to a visitor of %s', (host) => {
    expect(text('/', host)).toContain('content="__DEMO_API_KEY__"');
  });

  test('says so when it is not there', () => {
    const missing = makeStaticPage({ folder: join(folder, 'none'), port: 1, demoApiKey: 'k' });
    expect(missing('GET', '/', '127.0.0.1:1')?.status).toBe(404);
    expect(missing('GET', '/page.js', '127.0.0.1:1')).toBeUndefined();
  });
});
