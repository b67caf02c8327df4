import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundleSimulator } from '../../scripts/bundle-simulator.ts';
import { readmeBlock } from './readme-block.ts';
import { runProgram, startProgram, type RunningProgram } from './run-program.ts';

const { code: curlIsMissing } = await runProgram('bash', ['-c', 'command -v curl']);
const withCurl = curlIsMissing === 0 ? it : it.skip;
const why = curlIsMissing === 0 ? '' : ' (skipped: there is no curl on this machine)';

describe('what the README of the simulator tells a newcomer to paste, with the package as it is published', () => {
  let folder = '';
  let simulator: RunningProgram;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'newcomer-'));
    const modules = join(folder, 'node_modules');
    await mkdir(join(modules, '@mailchimp'), { recursive: true });
    await bundleSimulator(join(modules, 'mailchimp-simulator'));
    await symlink(resolve('node_modules/@mailchimp/mailchimp_marketing'), join(modules, '@mailchimp/mailchimp_marketing'));
    await writeFile(join(folder, 'package.json'), '{}');
    const cli = join(modules, 'mailchimp-simulator/cli.js');
    simulator = await startProgram(process.execPath, [cli, '--port', '0'], { cwd: folder });
  });
  afterAll(async () => {
    await simulator.end();
    await rm(folder, { recursive: true });
  });

  const bash = async (heading: string): Promise<string[]> => {
    const { code, out, err } = await runProgram('bash', ['-e', '-c', readmeBlock(heading, simulator.url)], { cwd: folder });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return out.trim().split('\n');
  };

  withCurl(`sends a campaign and reads its report with curl${why}`, async () => {
    const lines = await bash('Sixty seconds with curl');
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      { name: 'Harbor Lane regulars', stats: { member_count: 50 } },
      { now: expect.any(String), own: true },
      { emails_sent: 50, opens: { unique_opens: expect.any(Number) } },
    ]);
  });

  withCurl(`gets a token by OAuth with curl${why}`, async () => {
    const [page, landing, metadata] = await bash('OAuth by hand');
    expect(page).toContain('Allow this app');
    expect(landing).toMatch(/^http:\/\/127\.0\.0\.1:3000\/callback\?code=[0-9a-f]{32}&state=s1$/);
    expect(JSON.parse(metadata ?? '')).toMatchObject({ accountname: 'Harbor Lane Bakery' });
  });

  it("sends a campaign with the vendor's client library and receives a signed webhook", async () => {
    const script = join(folder, 'first-campaign.mjs');
    await writeFile(script, readmeBlock('With the official client library', simulator.url));
    const { code, out, err } = await runProgram(process.execPath, [script], { cwd: folder });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^webhook: campaign sent, signature genuine\nreport: 50 sent, [1-9]\d* opened\n$/);
  });

  it('tests a schedule with a clock of its own', async () => {
    await writeFile(join(folder, 'campaign.test.mjs'), readmeBlock('In tests'));
    const jest = [resolve('node_modules/jest/bin/jest.js'), '--no-cache', '--testMatch', '**/campaign.test.mjs'];
    const { code, err } = await runProgram(process.execPath, jest, {
      cwd: folder,
      env: { NODE_OPTIONS: '--experimental-vm-modules' },
    });
    expect(err).toMatch(/Tests: +2 passed, 2 total/);
    expect(code).toBe(0);
  });
});
