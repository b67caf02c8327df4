import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { Client } from '../e2e/client.ts';
import { audienceOf, connectFully, sync } from '../e2e/connect.ts';
import { create, reaches, read } from '../e2e/drafts.ts';
import { parseJson } from '../e2e/http.ts';
import { createdTenant, openStack, type Stack } from '../e2e/open-stack.ts';
import { checkOutRelease, hasCommit } from './check-out-release.ts';
import { DEPLOYMENT_FILE, readDeploymentFile } from './deployment-file.ts';
import { deployRelease, openAccount, synthesizeRelease, type Account } from './deploy-release.ts';
import { emulatorEnvironment, installEmulator, startEmulator, type Emulator } from './emulator.ts';
import { listLasting } from './list-lasting.ts';
import type { DeployedStacks } from './read-deployment.ts';
import { STAGE } from './stage.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const { version, commit } = z
  .object({ version: z.string(), commit: z.string() })
  .parse(parseJson(readFileSync(join(import.meta.dirname, 'previous-release.json'), 'utf8')));
const isKnown = hasCommit(PROJECT, commit);
const title = isKnown
  ? `an upgrade from ${version}`
  : `an upgrade from ${version}, which the history of this checkout does not reach: git fetch --unshallow`;

(isKnown ? describe : describe.skip)(title, () => {
  let folder: string;
  let emulator: Emulator;
  let account: Account;
  let stack: Stack;
  let tenant: Client;
  let campaignId: string;
  let listId: string;
  let before: Record<string, string>;
  let upgraded: DeployedStacks;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'upgrade-'));
    const previous = join(folder, 'previous');
    checkOutRelease(PROJECT, commit, previous);
    emulator = await startEmulator(installEmulator(), folder);
    const synthesized = synthesizeRelease(previous, folder);
    account = await openAccount(PROJECT, emulator, folder, synthesized);
    const { file, deployment } = await deployRelease(account, synthesized);
    stack = await openStack({ env: { [DEPLOYMENT_FILE]: file } });

    // The tenant is made by the tool of its time.
    const args = ['create', '--slug', 'settled', '--owner', 'owner@settled.test'];
    const where = ['--table', deployment.stacks.tableName, '--stage', STAGE];
    const made = execFileSync(process.execPath, ['--import', 'tsx', 'scripts/tenants.ts', ...args, ...where], {
      cwd: previous,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...emulatorEnvironment(emulator.endpoint) },
    });
    const { tenantId, apiKey } = createdTenant.parse(parseJson(made));
    tenant = new Client(stack.info.apiUrl, apiKey, tenantId);
    const { id: accountId } = await stack.vendor.account('settled', { email: 'owner@settled.test' });
    listId = await stack.vendor.list(accountId, 'settled readers', { subscribed: 6, unsubscribed: 2 });
    await connectFully(tenant, accountId);
    await tenant.call('addSuppression', { body: { email: 'left.before@readers.test' } });
    await tenant.call('addSuppression', { body: { email: 'erased.before@readers.test' } });
    await tenant.call('eraseContact', { params: { email: 'erased.before@readers.test' } });
    const ready = { client: tenant, accountId, listId, audienceId: await audienceOf(tenant, listId) };
    campaignId = (await create(ready, 'draft', { subject: 'Written before' })).id;
    before = await listLasting(emulator.endpoint, STAGE);

    const now = await deployRelease(account, process.env['SYNTHESIZED'] ?? synthesizeRelease(PROJECT, folder));
    upgraded = now.deployment.stacks;
  }, 300_000);

  afterAll(async () => {
    await stack.close();
    await emulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('replaces nothing that holds data, and not the address of the API', async () => {
    const after = await listLasting(emulator.endpoint, STAGE);
    expect(Object.keys(before).length).toBeGreaterThanOrEqual(7);
    expect(after).toMatchObject(before);
  });

  it('keeps keys, connections, suppressions, erasures and drafts, and goes on with them', async () => {
    expect(await tenant.call('getConnection')).toMatchObject({ status: 'connected' });
    const left = { params: { email: 'left.before@readers.test' } };
    expect(await tenant.call('getSuppression', left)).toMatchObject({ email: 'left.before@readers.test' });
    const { suppressed } = await tenant.call('checkSuppressions', {
      body: { emails: ['ERASED.before@readers.test', 'left.before@readers.test', 'stays@readers.test'] },
    });
    expect(suppressed.map(({ email }) => email)).toEqual(['ERASED.before@readers.test', 'left.before@readers.test']);
    expect(await read({ client: tenant }, campaignId)).toMatchObject({ subject: 'Written before', status: 'draft' });
    // With the token of before: who left meanwhile is found, and the draft goes out.
    await stack.vendor.member(listId, 'left.after@readers.test', 'unsubscribed');
    expect(await sync(tenant, 'suppressions')).toMatchObject({ state: 'succeeded' });
    expect(await tenant.call('getSuppression', { params: { email: 'left.after@readers.test' } })).toMatchObject({
      reason: 'unsubscribe',
    });
    await stack.vendor.settings({ deliveryMs: 0 });
    await tenant.call('sendCampaign', { params: { id: campaignId } });
    await reaches({ client: tenant }, campaignId, 'sent');
  });

  it('runs the code of now', () => {
    const codeOf = ({ functions }: DeployedStacks) =>
      Object.entries(functions).map(([name, { codeSha256 }]) => [name, codeSha256]);
    expect(codeOf(upgraded)).toEqual(codeOf(readDeploymentFile().stacks));
  });
});
