import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { audienceOf, connectFully, sync } from '../e2e/connect.ts';
import { reaches } from '../e2e/drafts.ts';
import { until } from '../e2e/wait.ts';
import { openStack, type Stack } from '../e2e/open-stack.ts';
import { isInstalled, openBrowser } from './open-browser.ts';
import { openPage, type WatchedPage } from './open-page.ts';

(isInstalled ? describe : describe.skip)('a campaign on the page', () => {
  let stack: Stack;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;
  let listId: string;
  let audienceId: string;

  beforeAll(async () => {
    browser = await openBrowser();
    stack = await openStack();
    const [account] = await stack.vendor.accounts();
    listId = await stack.vendor.list(account?.id ?? '', 'Bread club', { subscribed: 4 });
    await stack.vendor.settings({ deliveryMs: 0 });
    await connectFully(stack.demo, account?.id ?? '');
    audienceId = await audienceOf(stack.demo, listId);
    watched = await openPage(browser, 45_000);
    ({ page } = watched);
  }, 180_000);

  afterAll(async () => {
    await browser.close();
    await stack.close();
    expect(watched.mishaps).toEqual([]);
  });

  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const campaigns = (): Locator => page.getByRole('region', { name: 'Campaigns and numbers', exact: true });
  const expectRows = async (subject: string, count: number): Promise<void> => {
    const rows = campaigns().getByRole('row', { name: subject });
    await until(`${count} rows of ${subject}`, async () => ((await rows.count()) === count ? true : undefined));
  };
  const draft = (subject: string) =>
    stack.demo.call('createCampaign', {
      body: { audienceId, subject, html: '<p>Rye</p><img src="https://a.test/x.png">', action: 'draft' },
    });

  test('is checked before it is sent; whoever must not be mailed is unsubscribed with one click', async () => {
    await stack.vendor.member(listId, 'gone@readers.test');
    await stack.demo.call('addSuppression', { body: { email: 'gone@readers.test' } });
    await draft('Checked first');
    await page.goto(stack.info.pageUrl);
    await button('Show Checked first').click();
    await campaigns().getByText('This is a draft. Nothing was mailed.').waitFor();

    await button('Check before sending').click();
    await campaigns().getByText('This campaign cannot be sent yet.').waitFor();
    const findings = campaigns().getByRole('listitem');
    await findings.filter({ hasText: '1 person who must not be mailed is still subscribed' }).waitFor();
    await findings.filter({ hasText: 'no alternative text' }).waitFor();

    await button('Unsubscribe them at Mailchimp').click();
    await campaigns().getByText('Nothing stops this campaign.').waitFor();
  }, 180_000);

  test('waits for second thoughts, is taken back, and its story is told step by step', async () => {
    const { id } = await draft('Second thoughts');
    await page.goto(stack.info.pageUrl);
    await page.getByLabel('How long a send can be taken back').selectOption('900');
    await page.getByText('Sends wait, and can be taken back until then.').waitFor();
    await button('Show Second thoughts').click();
    await button('Send this campaign').click();
    await button('Yes, send it').click();
    await campaigns()
      .getByText(/^The campaign goes out at /)
      .waitFor();
    await button('Take the send back').click();
    await campaigns().getByText('This is a draft. Nothing was mailed.').waitFor();
    await campaigns().getByText('What was done, step by step').click();
    await campaigns().getByText('The send was taken back. Nothing was mailed.').waitFor();
    expect(await stack.demo.call('getCampaign', { params: { id } })).toMatchObject({ status: 'draft' });
  }, 180_000);

  test('is duplicated, mailed as a test, and deleted', async () => {
    await draft('One of two');
    await page.goto(stack.info.pageUrl);
    await button('Show One of two').click();
    await button('Duplicate').click();
    await expectRows('One of two', 2);
    // The copy is shown, and has the focus.
    await page.locator('#campaign:focus').waitFor();
    await page.getByLabel('Address for the test mail').fill('ines@readers.test');
    await button('Mail a test').click();
    await campaigns().getByText('The test is on its way.').waitFor();
    await button('Delete').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await expectRows('One of two', 1);
  }, 180_000);

  test('shows where its numbers come from', async () => {
    await stack.demo.call('putSettings', { body: { undoWindowSeconds: 0 } });
    const { id } = await stack.demo.call('createCampaign', {
      body: { audienceId, subject: 'Counted', html: '<p>Rye</p>', action: 'send' },
    });
    await reaches({ client: stack.demo }, id, 'sent');
    await sync(stack.demo, 'metrics');
    await page.goto(stack.info.pageUrl);
    await button('Show Counted').click();
    await campaigns().getByText('Where these numbers come from').click();
    await campaigns()
      .getByText(/uniqueOpens ÷ delivered × 100/)
      .first()
      .waitFor();
  }, 180_000);
});
