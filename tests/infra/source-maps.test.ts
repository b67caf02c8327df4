import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { stop } from 'esbuild';
import * as z from 'zod';
import { buildFunctions } from '../../scripts/build-functions.ts';
import { FUNCTION_NAMES, FUNCTIONS } from '../../src/contract/manifest.ts';
import { synthesize, synthesizeApp, aDeployment } from './synthesized.ts';

const outDir = mkdtempSync(join(tmpdir(), 'email-platform-maps-'));
const mapSchema = z.object({ sources: z.array(z.string()), mappings: z.string() });
let bundles: Record<string, string>;

beforeAll(async () => {
  const functions = { webhook: FUNCTIONS.webhook, throwing: { entry: 'tests/support/throwing-function.ts' } };
  bundles = await buildFunctions({ outDir, functions });
  // The compiler is a process of its own.
  await stop();
});
afterAll(() => {
  rmSync(outDir, { recursive: true, force: true });
});

/** What a function answers in a process of its own, which is how Lambda runs it. */
function answerOf(bundle: string | undefined, nodeOptions: string): string {
  const code = `const { handler } = await import(${JSON.stringify(bundle)}); process.stdout.write(String(handler()));`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: { NODE_OPTIONS: nodeOptions },
  }).stdout;
}

describe('a bundle', () => {
  const { service } = synthesize();
  const { NODE_OPTIONS } = z
    .object({ Variables: z.object({ NODE_OPTIONS: z.string() }) })
    .parse(service.fn('webhook').Properties['Environment']).Variables;

  it('is minified, and its log still names the file and line that somebody wrote', () => {
    const lines = readFileSync('tests/support/throwing-function.ts', 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes('throw new TypeError')) + 1;
    expect(answerOf(bundles['throwing'], NODE_OPTIONS)).toMatch(new RegExp(`\\(throwing-function\\.ts:${line}:\\d+\\)$`));
    expect(answerOf(bundles['throwing'], '')).toMatch(/index\.mjs:\d+:\d+/);
    expect(readFileSync(bundles['throwing'] ?? '', 'utf8')).not.toContain('failDeepInside');
  });

  it('maps our own files, by their names in the project, and no dependency', () => {
    const { sources, mappings } = mapSchema.parse(JSON.parse(readFileSync(`${bundles['webhook']}.map`, 'utf8')));
    expect(sources).toContain('lambdas/webhooks/receive-webhook.ts');
    expect(sources.filter((source) => !/^(src|lambdas)\/[\w/-]+\.ts$/.test(source))).toEqual([]);
    expect(mappings.length).toBeLessThan(readFileSync(bundles['webhook'] ?? '').length / 4);
  });
});

describe('what is uploaded', () => {
  const { app, stages } = synthesizeApp(aDeployment());
  const { outdir } = app;

  test.each(FUNCTION_NAMES)('for %s holds the map beside the bundle, and asks Node to read it', (name) => {
    const fn = stages[0]?.service.fn(name).Properties;
    const { S3Key } = z.object({ S3Key: z.string() }).parse(fn?.['Code']);
    const asset = join(outdir, `asset.${S3Key.replace('.zip', '')}`);
    expect(existsSync(join(asset, 'index.mjs.map'))).toBe(true);
    expect(fn?.['Environment']).toMatchObject({ Variables: { NODE_OPTIONS: '--enable-source-maps' } });
  });
});
