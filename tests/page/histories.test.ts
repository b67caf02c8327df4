import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { readyTenant, runEnd } from '../e2e/connect.ts';
import { openStack, type Stack } from '../e2e/open-stack.ts';
import { isInstalled, openBrowser } from './open-browser.ts';
import { openPage } from './open-page.ts';

(isInstalled ? describe : describe.skip)('the histories on the page', () => {
  let stack: Stack;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await openBrowser();
    stack = await openStack();
    ({ page } = await openPage(browser, 45_000));
  }, 180_000);

  afterAll(async () => {
    await browser.close();
    await stack.close();
  });

  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });

  const use = async (key = '') => {
    await button('Switch key').click();
    await page.getByLabel('API key').fill(key);
    await button('Use this key').click();
  };

  test('the audit trail tells who did what, each tenant its own; a refused look says so', async () => {
    await stack.demo.call('putSettings', { body: { timezone: 'Europe/Berlin' } });
    await page.goto(stack.info.pageUrl);
    const audit = page.getByRole('region', { name: 'Audit', exact: true });
    const row = audit.getByRole('row', { name: 'Changed settings' }).first();
    await row.getByText('Success', { exact: true }).waitFor();
    expect((await row.innerText()).replaceAll('\u00a0', ' ')).toMatch(/owner, 127\.0\.0\.1[\s\S]*\d+ \w+ \d{4}, \d\d:\d\d UTC/);

    const fresh = await stack.tenant('fresh', '--owner', 'o@fresh.test');
    await use(fresh.apiKey);
    await audit.getByRole('row', { name: 'Made an API key' }).getByText('An operator').waitFor();
    expect(await audit.getByRole('row', { name: 'Changed settings' }).count()).toBe(0);

    await use((await fresh.call('createApiKey', { body: { name: 'Looks on', role: 'viewer' } })).apiKey);
    await audit.getByRole('alert').getByText('Not allowed').waitFor();
    await button('Connect Mailchimp').waitFor();
    expect(await page.locator('#offline').isHidden()).toBe(true);
  }, 180_000);

  test('syncs are started, watched to their end, cancelled and found again, by whoever may', async () => {
    const { client, accountId } = await readyTenant(stack, 'watched', { subscribed: 4, unsubscribed: 3 });
    await page.goto(stack.info.pageUrl);
    await use(client.apiKey);
    const syncs = page.getByRole('region', { name: 'Syncs', exact: true });
    const within = (name: string, where = syncs): Locator => where.getByRole('button', { name, exact: true });
    const rows = syncs.getByRole('table').getByRole('row');
    const one = syncs.getByRole('group', { name: 'One sync in full' });
    await rows.filter({ hasText: 'after connecting' }).first().waitFor();
    const read = syncs.getByRole('group', { name: 'Read now' });
    const people = 'Who must not be mailed';
    const tasks = [people, 'Campaign numbers', 'Audiences and webhooks', 'Automations'];
    expect(await read.getByRole('button').allInnerTexts()).toEqual(tasks);

    for (const task of tasks) {
      await within(task, read).click();
      await one.getByRole('heading', { name: `${task}, by hand` }).waitFor();
      await one.getByText('Done', { exact: true }).waitFor();
      await syncs.getByText(`${task}: done.`).waitFor();
    }
    const suppressions = rows.filter({ hasText: people }).filter({ hasText: 'by hand' });
    expect((await suppressions.innerText()).replaceAll('\u00a0', ' ')).toMatch(
      /Done[\s\S]*\d+ of \d+ members[\s\S]*4 calls[\s\S]*\d\d:\d\d UTC/,
    );
    await within(`Details of ${people}`, suppressions).click();
    await one.getByText('Unchanged', { exact: true }).waitFor();
    expect(await page.locator('#syncs-status').textContent()).toBe('');
    await syncs.getByLabel('Begun').selectOption('After connecting');
    await rows.filter({ hasText: 'by hand' }).first().waitFor({ state: 'detached' });
    await rows.filter({ hasText: 'after connecting' }).first().waitFor();
    await within('Clear').click();
    await rows.filter({ hasText: 'by hand' }).first().waitFor();

    // One that runs is shown instead of a second one, and is cancelled after a question.
    await stack.vendor.fault(accountId, { path: '/3.0/automations', kind: 'latency', ms: 6_000, times: 1 });
    await within('Automations', read).click();
    await syncs.getByText('Automations: asked for.').waitFor();
    await one.getByText('Running', { exact: true }).waitFor();
    await within('Automations', read).click();
    await syncs.getByText('Automations: a run is under way already. Here it is.').waitFor();
    const dialog = page.getByRole('dialog', { name: 'Cancel this run?' });
    await within('Cancel Automations').click();
    await within('Keep it running', dialog).click();
    await dialog.waitFor({ state: 'hidden' });
    await syncs.getByLabel('State').selectOption('Under way');
    await within('Clear').waitFor();
    expect(await rows.filter({ hasText: 'Running' }).count()).toBe(1);
    await within('Cancel Automations').click();
    await within('Cancel this run', dialog).click();
    await syncs.getByText('Automations: cancelled.').waitFor();
    await one.getByText('Cancelled', { exact: true }).waitFor();
    await syncs.getByText('No sync fits these filters.').waitFor();
    await syncs.getByLabel('State').selectOption('Cancelled');
    await rows.filter({ hasText: 'Automations' }).waitFor();
    expect(await rows.count()).toBe(2);
    await within('Clear').click();
    await rows.filter({ hasText: 'Done' }).first().waitFor();

    // An error is told with what to do.
    const problem = { status: 400, title: 'Bad Request', detail: 'Not today.' };
    await stack.vendor.fault(accountId, { path: '/3.0/automations', kind: 'problem', problem, times: 1 });
    const { runId } = await client.call('startSync', { body: { task: 'automations' } });
    const { errors } = await runEnd(client, runId);
    const [error] = errors;
    await syncs.getByLabel('Task').selectOption('Automations');
    const failed = rows.filter({ hasText: 'Failed' });
    await failed.getByText(`${error?.cause} ${error?.fix}`).waitFor();
    await failed.getByText('0 workflows before it ended').waitFor();
    await within('Details of Automations', failed).click();
    await one.getByText('Not today.').waitFor();
    await within('Close', one).click();
    expect(await one.isHidden()).toBe(true);

    // What passes by itself does not end the watching: an interrupted network, a service that is away or has had enough.
    const troubles = ['abort', 503, 429] as const;
    let tries = 0;
    await page.route('**/v1/syncs/sync_*', (route) => {
      const trouble = troubles[tries++];
      if (trouble === undefined) return route.continue();
      return trouble === 'abort'
        ? route.abort()
        : route.fulfill({ status: trouble, headers: { 'retry-after': '1' }, body: '{}' });
    });
    await within('Automations', read).click();
    await syncs.getByRole('alert').getByText('the page asks again until there is an answer').waitFor();
    await syncs.getByText('Automations: done.').waitFor();
    expect(tries).toBeGreaterThan(troubles.length);
    expect(await syncs.getByRole('alert').count()).toBe(0);
    await page.unroute('**/v1/syncs/sync_*');

    // What does not pass ends it.
    await page.route('**/v1/syncs/sync_*', (route) => route.fulfill({ status: 404, body: '{}' }));
    await rows.getByRole('button', { name: 'Details of Automations' }).first().click();
    await syncs.getByRole('alert').getByText('The service answered 404').waitFor();
    await page.unroute('**/v1/syncs/sync_*');

    const [refresh, syncNow] = [button('Refresh audiences'), button('Sync now')];
    await refresh.waitFor();
    await syncNow.waitFor();
    const viewer = await client.call('createApiKey', { body: { name: 'Watches', role: 'viewer' } });
    await stack.vendor.fault(accountId, { path: '/3.0/automations', kind: 'latency', ms: 4_000, times: 1 });
    await client.call('startSync', { body: { task: 'automations' } });
    await use(viewer.apiKey);
    await rows.filter({ hasText: 'Running' }).waitFor();
    expect(await syncs.getByRole('button', { name: /^Cancel/ }).count()).toBe(0);
    expect(await read.count()).toBe(0);
    expect(await Promise.all([refresh.count(), syncNow.count()])).toEqual([0, 0]);

    // A task or a trigger that the page does not know reads as its name does.
    await page.route('**/v1/syncs?*', async (route) => {
      const body = await (await route.fetch()).text();
      await route.fulfill({ body: body.replaceAll('"automations"', '"sent_journeys"').replaceAll('"manual"', '"on_demand"') });
    });
    await page.reload();
    await rows.filter({ hasText: 'Sent journeys' }).filter({ hasText: 'on demand' }).first().waitFor();
  }, 180_000);
});
