import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { readLock } from '../../scripts/read-lock.ts';
import { ROOT } from '../support/read-sources.ts';

const versions = z.record(z.string(), z.string());
const manifest = z
  .object({
    dependencies: versions,
    devDependencies: versions,
    overrides: versions,
    allowScripts: z.record(z.string(), z.boolean()),
  })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
const locked = readLock();
const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;

describe('package.json', () => {
  it('names exact versions only', () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.overrides });
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter(([, version]) => !EXACT.test(version))).toEqual([]);
  });

  it('lets nobody run a script of theirs while it is installed, and names everybody who would', () => {
    const having = locked.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name);
    expect(Object.keys(manifest.allowScripts).toSorted()).toEqual([...new Set(having)].toSorted());
    expect(Object.values(manifest.allowScripts).filter(Boolean)).toEqual([]);
  });
});

describe('package-lock.json', () => {
  it('holds what package.json asks for, to the letter', () => {
    const asked = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    const got = new Map(locked.map(({ path, version }) => [path, version]));
    const wrong = asked.filter(([name, version]) => got.get(`node_modules/${name}`) !== version.replace(/^npm:.+@/, ''));
    expect(wrong).toEqual([]);
  });

  it('holds the checksum of every package, or of the one it came in', () => {
    const bare = locked.filter(({ integrity, inBundle }) => !inBundle && !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''));
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  it('names no address, so that a mirror can serve it and none is written down', () => {
    expect(locked.filter(({ resolved }) => resolved !== undefined).map(({ path }) => path)).toEqual([]);
    expect(readFileSync(join(ROOT, '.npmrc'), 'utf8')).toContain('omit-lockfile-registry-resolved=true');
  });
});
