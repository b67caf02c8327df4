import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call } from '../simulator/open-simulator.ts';
import { readmeBlock } from '../simulator/readme-block.ts';
import { runProgram, startProgram, type Ended } from '../simulator/run-program.ts';

/** Uses everything the package exports, and would not compile if its types were `any`. */
const PROGRAM = `import { PortInUseError, start, type Simulator, type SimulatorOptions } from 'mailchimp-simulator';

const options: SimulatorOptions = { port: 0, seed: 'rye', clock: { now: () => Date.now() } };
const simulator: Simulator = await start(options);
const state: unknown = await simulator.control('GET', '/state');
const token: string = await simulator.token();
// @ts-expect-error: a moment is no duration
await simulator.advance(new Date()).catch(() => undefined);
// @ts-expect-error: nobody offers this
await start({ port: 0, pace: 'slow' }).then((other) => other.close());
const taken = await start({ port: simulator.port }).catch((error: unknown) => error);
const root = await fetch(simulator.url + '/3.0/', { headers: { authorization: 'Bearer ' + token } });
const { account_name: name } = await root.json();
console.log(name, typeof state, taken instanceof PortInUseError);
await simulator.close();
`;

describe('the package, packed and installed by somebody who has nothing else', () => {
  let folder = '';
  const run = (program: string, args: readonly string[]): Promise<Ended> => runProgram(program, args, { cwd: folder });

  beforeAll(async () => {
    const packed = await runProgram('npm', ['run', '-s', 'simulator:pack']);
    expect(packed.err).toBe('');
    const tarball = /^Packed (dist\/mailchimp-simulator-\d+\.\d+\.\d+\.tgz)$/m.exec(packed.out)?.[1] ?? '';
    folder = await mkdtemp(join(tmpdir(), 'installed-'));
    await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
    const installed = await run('npm', ['install', '--offline', '--no-audit', '--no-fund', resolve(tarball)]);
    expect(installed).toMatchObject({ code: 0 });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('brings no other package, and says whose code it carries', async () => {
    const installed = (await readdir(join(folder, 'node_modules'))).filter((name) => !name.startsWith('.'));
    expect(installed).toEqual(['mailchimp-simulator']);
    const inside = join(folder, 'node_modules/mailchimp-simulator');
    const files = await readdir(inside);
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'QUIRKS.md', 'README.md', 'cli.js', 'start.d.ts', 'start.js']));
    expect(files.filter((name) => name.endsWith('.ts'))).toEqual(['start.d.ts']);
    expect(await readFile(join(inside, 'THIRD-PARTY-LICENSES.txt'), 'utf8')).toMatch(
      /^zod \d+\.\d+\.\d+ \(MIT\)\n\nMIT License\n\nCopyright/,
    );
    expect(await readFile(join(inside, 'LICENSE'), 'utf8')).toContain('Copyright (c) 2026 ILLIXIS');
    for (const name of files.filter((file) => /\.[jt]s$/.test(file))) {
      expect(await readFile(join(inside, name), 'utf8')).not.toMatch(/(?:from|import\()\s*["'](?!\.\/|node:)/);
    }
  });

  it('starts by npx, shows its page, and runs the script of its README', async () => {
    const simulator = await startProgram('npx', ['--offline', 'mailchimp-simulator', '--port', '0', '--quiet'], {
      cwd: folder,
      ownGroup: true,
    });
    try {
      const page = await call('GET', `${simulator.url}/`);
      expect(page).toMatchObject({ status: 200, text: expect.stringContaining('<!doctype html>') });
      const modules = join(folder, 'node_modules/@mailchimp');
      await mkdir(modules);
      await symlink(resolve('node_modules/@mailchimp/mailchimp_marketing'), join(modules, 'mailchimp_marketing'));
      await writeFile(join(folder, 'first-campaign.mjs'), readmeBlock('With the official client library', simulator.url));
      const script = await run(process.execPath, ['first-campaign.mjs']);
      await rm(modules, { recursive: true });
      expect(script).toMatchObject({ code: 0, err: '' });
      expect(script.out).toMatch(/^webhook: campaign sent, signature genuine\nreport: 50 sent, \d+ opened\n$/);
    } finally {
      await simulator.end('SIGTERM');
    }
  });

  it('has types of its own, which hold without those of any other package, and does what they say', async () => {
    await writeFile(join(folder, 'try.ts'), PROGRAM);
    const strict = ['--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--lib', 'es2022,dom'];
    const modules = ['--module', 'nodenext', '--moduleResolution', 'nodenext'];
    const alone = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--lib', 'es2022', '--types', ''];
    const types = await run(resolve('node_modules/.bin/tsc'), [...alone, 'node_modules/mailchimp-simulator/start.d.ts']);
    expect(types).toEqual({ code: 0, out: '', err: '' });
    const compiled = await run(resolve('node_modules/.bin/tsc'), [...strict, ...modules, 'try.ts']);
    expect(compiled).toEqual({ code: 0, out: '', err: '' });
    expect(await run(process.execPath, ['try.js'])).toEqual({ code: 0, out: 'Harbor Lane Bakery object true\n', err: '' });
  });
});
