import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { contactAnswer } from '../../src/contract/contact.ts';
import { connectFully } from '../e2e/connect.ts';
import { parseJson } from '../e2e/http.ts';
import { openStack, type Stack } from '../e2e/open-stack.ts';
import { until } from '../e2e/wait.ts';
import { downloaded } from './downloaded.ts';
import { loseWebhooks } from './lose-webhooks.ts';
import { isInstalled, openBrowser } from './open-browser.ts';
import { openPage, type WatchedPage } from './open-page.ts';

/** One more than a page of the export. */
const ARCHIVED = 1_001;
const CLUB = 'Bread club';

(isInstalled ? describe : describe.skip)('suppressions on the page', () => {
  let stack: Stack;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;
  let requests: string[];
  let accountId: string;
  let listId: string;

  beforeAll(async () => {
    browser = await openBrowser();
    stack = await openStack();
    accountId = (await stack.vendor.accounts())[0]?.id ?? '';
    listId = await stack.vendor.list(accountId, CLUB, { subscribed: 4 });
    await stack.vendor.settings({ disabledHooks: 'listed' });
    await connectFully(stack.demo, accountId);
    const lines = Array.from({ length: ARCHIVED }, (_, index) => `old-${index}@archive.test,2019-03-01`);
    const body = ['email,since,reason', ...lines, 'angry@archive.test,2018-01-01,complaint'].join('\n');
    // Where a busy store falls silent, the import is to be repeated.
    const take = async () => (await stack.demo.reply('importSuppressions', { body })).text.includes('"notReached":0');
    await until('the archive', async () => (await take()) || undefined);
  }, 180_000);

  afterAll(async () => {
    await browser.close();
    await stack.close();
  });

  beforeEach(async () => {
    watched = await openPage(browser);
    ({ page, requests } = watched);
    await page.goto(stack.info.pageUrl);
  });

  afterEach(async () => {
    await watched.close();
    expect(watched.mishaps).toEqual([]);
  });

  const button = (name: string, within: Page | Locator = page): Locator => within.getByRole('button', { name, exact: true });
  const section = (name: string): Locator => page.getByRole('region', { name, exact: true });
  const suppressions = (): Locator => section('Suppressions');
  const filters = (): Locator => page.getByRole('search', { name: 'Filter the suppressions' });
  const shows = (text: string): Promise<void> => suppressions().getByText(text, { exact: true }).waitFor();
  const row = (name: string, within: Locator = suppressions()): Locator => within.getByRole('row', { name });
  const focused = (locator: Locator): Promise<void> => locator.and(page.locator(':focus')).waitFor();
  const isSuppressed = async (email: string): Promise<boolean> =>
    (await stack.demo.call('explainSuppression', { params: { email } })).suppressed;
  const fact = (within: Locator, term: string): Promise<string> =>
    within
      .locator('dl > div', { has: page.getByText(term, { exact: true }) })
      .locator('dd')
      .innerText();

  async function narrow(values: Partial<Record<'Reason' | 'Told by' | 'Since, from' | 'Since, to' | 'Exact address', string>>) {
    for (const [label, value] of Object.entries(values)) {
      const field = filters().getByLabel(label, { exact: true });
      await (label === 'Reason' || label === 'Told by' ? field.selectOption({ label: value }) : field.fill(value));
    }
    await button('Filter', filters()).click();
  }

  test('the list is narrowed by reason, platform, period and address, and shows when nobody fits', async () => {
    await shows('Shown: 10 addresses, and there are more.');
    await narrow({ 'Since, from': '2019-03-01', 'Since, to': '2019-03-01' });
    await shows('Fits the filters: 10 addresses, and there are more.');
    await button('More', suppressions()).click();
    await shows('Fits the filters: 20 addresses, and there are more.');

    await narrow({ 'Exact address': ' OLD-7@archive.test' });
    await shows('Fits the filters: 1 address.');
    await row('old-7@archive.test').waitFor();
    await narrow({ 'Told by': 'Mailchimp' });
    await suppressions().getByText('Nobody on the list fits these filters.').waitFor();
    await button('Clear the filters').click();
    await shows('Shown: 10 addresses, and there are more.');
    await focused(filters().getByLabel('Reason'));
    expect(await filters().getByLabel('Exact address').inputValue()).toBe('');

    await narrow({ Reason: 'Spam complaint' });
    await shows('Fits the filters: 1 address.');
    await row('angry@archive.test').getByText('cannot be lifted').waitFor();
  }, 60_000);

  test('goes on by itself over pages on which nobody fits', async () => {
    const pages = ['second', 'third'].map((nextCursor) => ({ items: [], nextCursor }));
    await page.context().route('**/v1/suppressions?*reason=complaint*', (route) => {
      const json = pages.shift();
      return json ? route.fulfill({ json }) : route.continue({ url: route.request().url().replace('&cursor=third', '') });
    });
    await narrow({ Reason: 'Spam complaint' });
    await row('angry@archive.test').waitFor();
    expect(pages).toEqual([]);
  }, 60_000);

  test('says why somebody is on the list, and lifts only what can be lifted', async () => {
    await stack.vendor.member(listId, 'ines@club.test');
    await stack.vendor.act(listId, 'ines@club.test', 'unsubscribe');
    await button('Why? ines@club.test').click();
    const dialog = page.getByRole('dialog', { name: 'Why is ines@club.test on the list?' });
    await dialog.getByText(/^ines@club\.test is suppressed: unsubscribed, since /).waitFor();
    await dialog.getByText('An unsubscribe counts: it was not lifted since it was last told').waitFor();
    const event = row('A webhook told that the person unsubscribed.', dialog);
    await event.getByText(CLUB, { exact: true }).waitFor();
    await event.getByText('Counts', { exact: true }).waitFor();
    // News draws the list anew, and with it the button to which the focus goes back.
    await stack.demo.call('addSuppression', { body: { email: 'other@club.test' } });
    await suppressions().getByText('other@club.test').waitFor();
    await page.keyboard.press('Escape');
    await focused(button('Why? ines@club.test'));

    await button('Why? ines@club.test').click();
    await button('Lift the suppression of ines@club.test', dialog).click();
    const reasons = page.getByRole('dialog', { name: 'Lift this suppression?' });
    await reasons.getByLabel('Reason').fill('asked to come back');
    await button('Lift', reasons).click();
    await suppressions().getByText('ines@club.test is no longer suppressed.').waitFor();
    await dialog.waitFor({ state: 'hidden' });

    await page.getByLabel('Address to check').fill('ines@club.test');
    await button('Check').click();
    await suppressions().getByText('ines@club.test is not suppressed.').waitFor();
    await row('Somebody lifted what had been said so far.').getByText('It cancels what was told until').waitFor();
    // The times within sentences are for people, too.
    expect(await page.locator('#check-answer').innerText()).not.toMatch(/\dT\d/);

    await page.getByLabel('Address to check').fill('angry@archive.test');
    await button('Check').click();
    await suppressions().getByText('Nothing lifts a complaint: leave the address out.').waitFor();
    expect(await button('Lift the suppression of angry@archive.test').count()).toBe(0);
  }, 60_000);

  describe('a file', () => {
    const choose = (name: string, text: string) =>
      page.getByLabel('CSV file').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
    const check = () => button('Check without importing').click();
    const result = () => page.getByRole('group', { name: 'What the file would do, or did' });
    const imports = () => requests.filter((request) => request === 'POST /v1/suppressions/import').length;

    test('is checked first, and imported as it was checked', async () => {
      await choose('shop.csv', 'email;note\nNew@shop.test;at the till\nnew2@shop.test;\nold-3@archive.test;\nnobody;\n');
      await check();
      await suppressions().getByText('shop.csv was checked, 4 lines. Nothing is imported yet.').waitFor();
      expect(await fact(result(), 'Would be added')).toBe('2');
      expect(await fact(result(), 'Suppressed already')).toBe('1');
      await row('nobody', result()).getByText('email must be an e-mail address').waitFor();
      expect(await result().getByRole('cell').count()).toBe(4);
      expect(await isSuppressed('new@shop.test')).toBe(false);

      await button('Import 2 addresses').click();
      await suppressions().getByText('Imported: 2 lines added.').waitFor();
      await row('new2@shop.test').waitFor();
      expect(await isSuppressed('new@shop.test')).toBe(true);
      expect(await button('Import 2 addresses').count()).toBe(0);
      expect(imports()).toBe(2);

      await choose('again.csv', 'email\nnew@shop.test\n');
      await check();
      await suppressions().getByText('There is nothing to import.').waitFor();
    }, 60_000);

    test('that is too large or no text is not even sent, and what to do is said', async () => {
      await choose('large.csv', `email,note\n${'a@b.test,"one\ntwo"\n'.repeat(10_001)}`);
      await check();
      await suppressions().getByText('It has 10,001 lines below the header.').waitFor();
      await suppressions().getByText('Split the file into several').waitFor();
      await choose('wide.csv', `email,note\n${'x'.repeat(2 * 1024 * 1024)}`);
      await check();
      await suppressions().getByText('It has 2.0 MB.').waitFor();
      await page
        .getByLabel('CSV file')
        .setInputFiles({ name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.from([0x65, 0xff, 0xfe]) });
      await check();
      await suppressions().getByText('Save it again as “CSV UTF-8”').waitFor();
      expect(imports()).toBe(0);
    }, 60_000);
  });

  test('the export is one file of all pages, with one header and the filters in use', async () => {
    await narrow({ 'Since, from': '2019-01-01', 'Since, to': '2019-12-31' });
    await shows('Fits the filters: 10 addresses, and there are more.');
    const { name, text } = await downloaded(button('Export as CSV'));
    expect(name).toBe('suppressions.csv');
    const [header, ...rows] = text.trimEnd().split('\r\n');
    expect(header).toBe('\uFEFF"email","reason","since","platforms","via","note"');
    expect(new Set(rows).size).toBe(ARCHIVED);
    expect(rows.every((line) => line.startsWith('"old-'))).toBe(true);
    await shows('suppressions.csv: 1,001 addresses. Erased people are not in it.');
    expect(requests.filter((request) => request === 'GET /v1/suppressions/export')).toHaveLength(2);
  }, 60_000);

  test('what a person may ask for: everything that is held, and to be erased until it is done everywhere', async () => {
    const email = 'vera@club.test';
    await stack.vendor.member(listId, email);
    await stack.demo.call('addSuppression', { body: { email, reason: 'by phone' } });
    const contact = section('Personal data');
    const address = page.getByLabel('Address of the person');
    await address.fill(email);
    const { name, text } = await downloaded(button('Export what is held'));
    expect(name).toBe('personal-data.json');
    expect(contactAnswer.parse(parseJson(text))).toMatchObject({ held: true, record: { email, facts: [{ text: 'by phone' }] } });

    const problem = { status: 400, title: 'Bad Request', detail: 'Not now.' };
    await stack.vendor.fault(accountId, { path: `/3.0/lists/${listId}/members/`, kind: 'problem', problem, times: 'always' });
    const dialog = page.getByRole('dialog', { name: 'Erase this person?' });
    await button('Erase this person…').click();
    expect(await dialog.innerText()).toMatch(/permanently[\s\S]*stays suppressed[\s\S]*cannot be undone/);
    await dialog.getByLabel(`Type ${email} to confirm`).fill('vera@club');
    await button('Erase this person', dialog).click();
    expect(await dialog.isVisible()).toBe(true);
    expect(requests.filter((request) => request.startsWith('DELETE'))).toEqual([]);
    await dialog.getByLabel(`Type ${email} to confirm`).fill(email);
    await button('Erase this person', dialog).click();

    await contact.getByText('The person was erased here, and not everywhere at Mailchimp yet.').waitFor();
    await row(CLUB, contact).getByText('Not done yet').waitFor();
    await contact.getByText('It is tried again every day by itself').waitFor();
    await stack.vendor.tell('DELETE', '/faults');
    await button('Ask Mailchimp again').click();
    await contact.getByText('The person was erased.', { exact: true }).waitFor();
    await row(CLUB, contact).getByText('Deleted there').waitFor();
    expect(await button('Ask Mailchimp again').count()).toBe(0);
    expect(await address.inputValue()).toBe('');
    expect(await isSuppressed(email)).toBe(true);
  }, 60_000);

  test('a role that may not is told so, where it tried', async () => {
    const { apiKey } = await stack.demo.call('createApiKey', { body: { name: 'Looks on', role: 'viewer' } });
    await button('Switch key').click();
    await page.getByLabel('API key').fill(apiKey);
    await button('Use this key').click();
    await page.getByText('Your own key').waitFor();
    await button('Export as CSV').click();
    await suppressions().getByRole('alert').getByText('Not allowed').waitFor();
    await page.getByLabel('Address of the person').fill('a@b.test');
    await button('Export what is held').click();
    await section('Personal data').getByRole('alert').getByText('Not allowed').waitFor();
  }, 60_000);

  test('tells what webhooks left out, and what of them could not be read; all of it fits a phone', async () => {
    const drift = section('Did webhooks tell everything?');
    await drift.getByText('In the last 30 days webhooks told us of everybody who left.').waitFor();
    await drift.getByText('Every webhook of the last 14 days could be read.').waitFor();

    await loseWebhooks(stack, accountId, listId, 'silent@club.test');
    await button('Look again').click();
    await drift
      .getByText('1 person left without a webhook telling us. The nightly sync found and suppressed that person.')
      .waitFor();
    expect(await fact(drift, 'Not told by a webhook')).toBe('1');
    const club = drift.getByRole('table', { name: 'Audience by audience' }).getByRole('row', { name: CLUB });
    expect((await club.getByRole('cell').allInnerTexts()).slice(2, 4)).toEqual(['1', '1']);
    await drift.getByRole('table', { name: 'By the day they left' }).getByRole('cell', { name: '1' }).first().waitFor();
    await drift.getByRole('table', { name: 'could not be read' }).getByRole('row', { name: CLUB }).waitFor();

    await page.setViewportSize({ width: 360, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
  }, 90_000);
});
