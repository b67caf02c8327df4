import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stop } from 'esbuild';
import * as z from 'zod';
import { buildFunctions } from '../../scripts/build-functions.ts';
import { bundledPackages } from '../../scripts/bundled-packages.ts';
import { judgeLicences, licencePolicySchema, type LicencePolicy } from '../../scripts/judge-licences.ts';
import { readLock, type LockedPackage } from '../../scripts/read-lock.ts';
import { makeSbom } from '../../scripts/sbom.ts';
import { ROOT } from '../support/read-sources.ts';

const policy = licencePolicySchema.parse(JSON.parse(readFileSync(join(ROOT, 'supply-chain/licences.json'), 'utf8')));
const locked = readLock();

const aPackage = (license: string | undefined, dev = false): LockedPackage => ({
  path: 'node_modules/thing',
  name: 'thing',
  version: '1.0.0',
  license,
  dev,
  hasInstallScript: false,
  inBundle: false,
});
const POLICY: LicencePolicy = { shipped: ['MIT', 'ISC'], development: ['CC0-1.0'], clarified: {} };

describe('the licences of what we use', () => {
  it('are all allowed where they are used', () => {
    expect(locked.length).toBeGreaterThan(500);
    expect(judgeLicences(locked, policy)).toEqual([]);
  });

  it('of what ships let nobody ask for our source', () => {
    expect(policy.shipped.filter((licence) => /GPL|MPL|EPL|SSPL|CC-/.test(licence))).toEqual([]);
  });
});

describe('a licence', () => {
  it.each([
    ['MIT', false, true],
    ['CC0-1.0', false, false],
    ['CC0-1.0', true, true],
    ['GPL-3.0-only', true, false],
    ['(MIT OR GPL-3.0-only)', false, true],
    ['MIT AND GPL-3.0-only', false, false],
    ['MIT AND ISC', false, true],
    ['SEE LICENSE IN README', true, false],
    [undefined, true, false],
  ])('%s, to develop only: %s, is allowed: %s', (licence, dev, isFine) => {
    const problems = judgeLicences([aPackage(licence, dev)], POLICY);
    expect(problems).toEqual(isFine ? [] : [expect.stringContaining(`thing 1.0.0 is under ${licence ?? 'no licence'}`)]);
  });

  it('that is missing may be clarified, as long as it is missing', () => {
    const clarified = { thing: { licence: 'MIT', why: 'Its README says so.' } };
    expect(judgeLicences([aPackage(undefined)], { ...POLICY, clarified })).toEqual([]);
    expect(judgeLicences([aPackage('MIT')], { ...POLICY, clarified })).toEqual([expect.stringContaining('no clarification')]);
    expect(judgeLicences([], { ...POLICY, clarified })).toEqual([expect.stringContaining('no clarification')]);
  });
});

describe('whose files are bundled in', () => {
  const isOwn = (path: string) => path.startsWith('local/simulator/');

  it('is the innermost package, each once, and never ourselves', () => {
    const inputs = [
      'local/simulator/start.ts',
      'node_modules/zod/v4/index.js',
      'node_modules/zod/package.js',
      'node_modules/a/node_modules/@b/c/index.js',
      '../elsewhere/node_modules/d/index.js',
    ];
    expect(bundledPackages(inputs, isOwn)).toEqual([
      '../elsewhere/node_modules/d',
      'node_modules/a/node_modules/@b/c',
      'node_modules/zod',
    ]);
  });

  it.each(['src/config.ts', 'local/stack/start.ts', '../other/index.js'])('is never nobody: %s is refused', (path) => {
    expect(() => bundledPackages(['local/simulator/start.ts', path], isOwn)).toThrow(path);
  });
});

describe('what is handed on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'handed-on-'));
  afterAll(async () => {
    await stop();
    rmSync(folder, { recursive: true });
  });
  /** By function: the packages its licence file names, as `name version (licence)`. */
  const noticesOf = new Map<string, string[]>();
  let sbom: Map<string, string[]>;
  beforeAll(async () => {
    for (const [name, bundle] of Object.entries(await buildFunctions({ outDir: folder }))) {
      const text = readFileSync(join(bundle, '../THIRD-PARTY-LICENCES.txt'), 'utf8');
      noticesOf.set(name, text.match(/^[@a-z][\w@/.-]* \d+\.\d+\.\d+\S* \(.+\)$/gm) ?? []);
    }
    sbom = componentsOf(makeSbom('shipped', folder));
  });

  it('names in every function what is in it, each with a text', () => {
    expect(noticesOf.size).toBe(8);
    for (const [name, notices] of noticesOf) expect([name, notices.join('\n')]).toEqual([name, expect.stringContaining('zod ')]);
    const webhook = readFileSync(join(folder, 'webhook/THIRD-PARTY-LICENCES.txt'), 'utf8');
    expect(webhook).toContain('Copyright (c) 2025 Colin McDonnell');
    // Who leaves the text out of the package is not left out.
    expect(webhook).toMatch(/^@middy\/core .*\n\nCopyright \(c\) 2017-.*Luciano Mammino.*\n\nPermission is hereby granted/m);
    expect(noticesOf.get('webhook')?.filter((notice) => notice.startsWith('axios '))).toEqual([]);
  });

  it('is under licences that may be handed on, and needed by what ships', () => {
    const shipped = locked.filter(({ dev }) => !dev).map(({ name, version, license }) => `${name} ${version} (${license})`);
    for (const [name, notices] of noticesOf)
      expect([name, notices.filter((notice) => !shipped.includes(notice))]).toEqual([name, []]);
  });

  it('is in the bill of materials, with its licence', () => {
    const missing = [...noticesOf.values()].flat().filter((notice) => {
      const [, name = '', version = '', licence = ''] = /^(\S+) (\S+) \((.+)\)$/.exec(notice) ?? [];
      return !sbom.get(`${name} ${version}`)?.includes(licence);
    });
    expect(missing).toEqual([]);
  });
});

interface Component {
  group?: string | undefined;
  name: string;
  version: string;
  licenses: { license?: { id?: string | undefined } | undefined; expression?: string | undefined }[];
  components: Component[];
}
const componentSchema: z.ZodType<Component> = z.object({
  group: z.string().optional(),
  name: z.string(),
  version: z.string(),
  licenses: z
    .array(z.object({ license: z.object({ id: z.string().optional() }).optional(), expression: z.string().optional() }))
    .default([]),
  components: z.lazy(() => z.array(componentSchema)).default([]),
});

/** What a bill of materials lists: `name version`, with the licences. */
function componentsOf(file: string): Map<string, string[]> {
  const { components } = z.object({ components: z.array(componentSchema) }).parse(JSON.parse(readFileSync(file, 'utf8')));
  const all = (list: readonly Component[]): Component[] => list.flatMap((one) => [one, ...all(one.components)]);
  return new Map(
    all(components).map(({ group, name, version, licenses }) => [
      `${group ? `${group}/` : ''}${name} ${version}`,
      licenses.flatMap(({ license, expression }) => license?.id ?? expression ?? []),
    ]),
  );
}
