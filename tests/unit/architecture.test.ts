import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { renderErrors } from '../../scripts/render-errors.ts';
import { ROUTE_IDS, ROUTES } from '../../src/contract/routes.ts';
import type { Route } from '../../src/contract/route.ts';
import { codeLines, readSources, ROOT } from '../support/read-sources.ts';

const NODE = 'node:*';
const VENDORS = readdirSync(join(ROOT, 'src/providers'), { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** What each folder may import: files below a folder end in a slash, packages by name, `*` for any ending. */
const LAYERS: [folder: string, allowed: string[]][] = [
  // The last two read documents and addresses, without any service behind them.
  [
    'src/core',
    ['src/core/', 'zod', 'ulid', 'p-limit', 'email-providers/all.json', 'node:crypto', 'node:url', 'htmlparser2', 'ipaddr.js'],
  ],
  ['src/contract', ['src/contract/', 'src/core/shared/', 'zod']],
  ...VENDORS.map(({ name }): [string, string[]] => [
    `src/providers/${name}`,
    [
      `src/providers/${name}/`,
      'src/core/',
      'src/runtime/',
      'axios',
      'zod',
      'exponential-backoff',
      'p-limit',
      'htmlparser2',
      NODE,
    ],
  ]),
  ['src/storage', ['src/storage/', 'src/core/', 'src/runtime/', '@aws-sdk/*', 'zod', 'p-limit', NODE]],
  [
    'src/runtime',
    [
      'src/runtime/',
      'src/core/shared/',
      'src/contract/',
      'zod',
      '@aws-lambda-powertools/metrics',
      'node:async_hooks',
      'node:crypto',
      'node:dgram',
      'node:dns/promises',
    ],
  ],
  ...['api', 'webhooks', 'schedules', 'queues', 'shared'].map((name): [string, string[]] => [
    `lambdas/${name}`,
    [
      `lambdas/${name}/`,
      'lambdas/shared/',
      'src/',
      '@middy/core',
      'zod',
      'aws-lambda',
      ...(name === 'shared' ? ['aws-jwt-verify', 'aws-jwt-verify/*', 'csv-parse/sync', 'csv-stringify/sync'] : []),
    ],
  ]),
  ['lib', ['lib/', 'src/contract/', 'aws-cdk-lib*', 'constructs', 'cdk-nag', NODE]],
];

const isAllowed = (imported: string, allowed: readonly string[]): boolean =>
  allowed.some((rule) =>
    rule.endsWith('/') || rule.endsWith('*') ? imported.startsWith(rule.replace(/\*$/, '')) : imported === rule,
  );

const forbidden = (folder: string, isFine: (imported: string) => boolean): string[] =>
  readSources(folder).flatMap(({ path, imports }) =>
    imports.filter((imported) => !isFine(imported)).map((imported) => `${path} → ${imported}`),
  );

describe('imports', () => {
  it.each(LAYERS)('of %s go only where they may', (folder, allowed) => {
    expect(readSources(folder).length).toBeGreaterThan(0);
    expect(forbidden(folder, (imported) => isAllowed(imported, allowed))).toEqual([]);
  });

  it('of the list of providers lead to the providers and to core', () => {
    const [registry] = readSources('src/providers').filter(({ path }) => path === 'src/providers/registry.ts');
    const strangers = registry?.imports.filter((imported) => !isAllowed(imported, ['src/core/', 'src/providers/']));
    expect(strangers).toEqual([]);
  });

  it('of every file of src and lambdas are covered by a rule', () => {
    const covered = [...LAYERS.map(([folder]) => `${folder}/`), 'src/providers/registry.ts'];
    const files = [...readSources('src'), ...readSources('lambdas')].map(({ path }) => path);
    expect(files.filter((path) => !covered.some((start) => path.startsWith(start)))).toEqual([]);
  });

  it('of the simulator lead to nothing but zod, because it is a package of its own', () => {
    expect(forbidden('local/simulator', (imported) => isAllowed(imported, ['local/simulator/', 'zod', NODE]))).toEqual([]);
  });

  it('of the local stack lead only to the contract', () => {
    const isProduct = (imported: string) => /^(src|lambdas|lib|bin)\//.test(imported);
    expect(forbidden('local/stack', (imported) => !isProduct(imported) || imported.startsWith('src/contract/'))).toEqual([]);
  });

  it('of zod are whole, because the named export carries all of it', () => {
    const named = [...readSources('src'), ...readSources('lambdas')].filter(({ text }) =>
      /import (type )?\{[^}]*\} from 'zod'/.test(text),
    );
    expect(named.map(({ path }) => path)).toEqual([]);
  });
});

describe('every file', () => {
  const product = ['src', 'lambdas', 'lib', 'bin'].flatMap(readSources);

  it('has at most 250 lines of code', () => {
    expect(product.filter(({ text }) => codeLines(text) > 250).map(({ path }) => path)).toEqual([]);
  });

  it('of src and lambdas leaves the environment to one', () => {
    const readers = product.filter(({ path, text }) => /^(src|lambdas)\//.test(path) && text.includes('process.env'));
    expect(readers.map(({ path }) => path)).toEqual(['src/runtime/env.ts']);
  });
});

describe('the route table', () => {
  it('leaves these without a credential, and no other', () => {
    const open = ROUTE_IDS.filter((id) => {
      const route: Route = ROUTES[id];
      return route.roles === null;
    });
    expect(open.sort()).toEqual(['docs', 'health', 'oauthCallback', 'openapi', 'webhook', 'webhookWithId', 'webhookWithSlash']);
  });

  it('names somebody for every other', () => {
    const nobody = ROUTE_IDS.filter((id) => {
      const route: Route = ROUTES[id];
      return route.roles?.length === 0;
    });
    expect(nobody).toEqual([]);
  });

  it('has no two routes of one method and path', () => {
    const keys = ROUTE_IDS.map((id) => `${ROUTES[id].method} ${ROUTES[id].path}`);
    expect(keys).toEqual([...new Set(keys)]);
  });
});

describe('docs/errors.md', () => {
  const file = join(ROOT, 'docs/errors.md');
  it('is what the closed list of codes prints', () => {
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(renderErrors());
  });
});
