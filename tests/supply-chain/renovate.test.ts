import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { readLock } from '../../scripts/read-lock.ts';
import { ROOT } from '../support/read-sources.ts';

const config = z
  .object({
    minimumReleaseAge: z.string(),
    automerge: z.boolean(),
    vulnerabilityAlerts: z.object({ schedule: z.array(z.string()), automerge: z.boolean() }),
    packageRules: z.array(
      z.object({
        description: z.string().min(10),
        matchPackageNames: z.array(z.string()).optional(),
        matchDepTypes: z.array(z.string()).optional(),
        matchUpdateTypes: z.array(z.string()).optional(),
        allowedVersions: z
          .string()
          .regex(/^<\d+\.\d+\.\d+$/)
          .optional(),
        automerge: z.boolean().optional(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(ROOT, 'renovate.json'), 'utf8')));
const locked = readLock();

/** The versions that are installed of a name, or of all that begin with it. */
const versionsOf = (pattern: string): string[] =>
  locked
    .filter(({ name }) => (pattern.endsWith('/**') ? name.startsWith(pattern.slice(0, -2)) : name === pattern))
    .map(({ version }) => version);
const numbers = (version: string): number[] => version.split('-')[0]?.split('.').map(Number) ?? [];
const isBelow = (version: string, bound: string): boolean => {
  const [a, b] = [numbers(version), numbers(bound)];
  const index = a.findIndex((part, at) => part !== b[at]);
  return index >= 0 && (a[index] ?? 0) < (b[index] ?? 0);
};

describe('the rules of renovate.json', () => {
  it('are about packages that are here', () => {
    const named = config.packageRules.flatMap(({ matchPackageNames = [] }) => matchPackageNames);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => versionsOf(name).length === 0)).toEqual([]);
  });

  it('hold back no version that is in use', () => {
    // By the name in the registry: two compilers are here under names that are not theirs.
    const direct = locked.filter(({ path }) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path));
    const wrong = config.packageRules.flatMap(({ matchPackageNames = [], allowedVersions }) =>
      direct
        .filter(({ name }) => allowedVersions !== undefined && matchPackageNames.includes(name))
        .filter(({ version }) => !isBelow(version, allowedVersions?.slice(1) ?? ''))
        .map(({ name, version }) => `${name} ${version}`),
    );
    expect(wrong).toEqual([]);
  });

  it('merge by themselves only patches of what we develop with', () => {
    const merging = config.packageRules.filter(({ automerge }) => automerge);
    expect(merging.map(({ matchDepTypes, matchUpdateTypes }) => [matchDepTypes, matchUpdateTypes])).toEqual([
      [['devDependencies'], ['patch']],
    ]);
    expect([config.automerge, config.vulnerabilityAlerts.automerge]).toEqual([false, false]);
  });

  it.each(['esbuild', 'aws-cdk', 'aws-cdk-lib', 'constructs', 'cdk-nag', 'tsx', '@jridgewell/sourcemap-codec'])(
    'leave a patch of %s to people, since it shapes what is deployed',
    (name) => {
      // The last rule that matches and says something decides.
      const said = config.packageRules
        .filter(({ matchPackageNames, automerge }) => automerge !== undefined && (matchPackageNames?.includes(name) ?? true))
        .map(({ automerge }) => automerge);
      expect(said.at(-1)).toBe(false);
    },
  );

  it('wait for a release to be a week old, and for a hole in what we use not at all', () => {
    expect(config.minimumReleaseAge).toBe('7 days');
    expect(config.vulnerabilityAlerts.schedule).toEqual(['at any time']);
  });
});
