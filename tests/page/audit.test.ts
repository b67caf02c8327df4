import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { openStack, type Stack } from '../e2e/open-stack.ts';
import { isInstalled, openBrowser } from './open-browser.ts';
import { openPage } from './open-page.ts';

(isInstalled ? describe : describe.skip)('the audit trail on the page', () => {
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

  test('the audit trail tells who did what, each tenant its own; a refused look says so', async () => {
    await stack.demo.call('putSettings', { body: { timezone: 'Europe/Berlin' } });
    await page.goto(stack.info.pageUrl);
    const audit = page.getByRole('region', { name: 'Audit', exact: true });
    const row = audit.getByRole('row', { name: 'Changed settings' }).first();
    await row.getByText('Success', { exact: true }).waitFor();
    expect((await row.innerText()).replaceAll('\u00a0', ' ')).toMatch(/owner, 127\.0\.0\.1[\s\S]*\d+ \w+ \d{4}, \d\d:\d\d UTC/);

    const use = async (key = '') => {
      await button('Switch key').click();
      await page.getByLabel('API key').fill(key);
      await button('Use this key').click();
    };
    const fresh = await stack.tenant('fresh', '--owner', 'o@fresh.test');
    await use(fresh.apiKey);
    await audit.getByRole('row', { name: 'Made an API key' }).getByText('An operator').waitFor();
    expect(await audit.getByRole('row', { name: 'Changed settings' }).count()).toBe(0);

    await use((await fresh.call('createApiKey', { body: { name: 'Looks on', role: 'viewer' } })).apiKey);
    await audit.getByRole('alert').getByText('Not allowed').waitFor();
    await button('Connect Mailchimp').waitFor();
    expect(await page.locator('#offline').isHidden()).toBe(true);
  }, 180_000);
});
