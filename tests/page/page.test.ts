import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import * as z from 'zod';
import { consent, locationOf, runEnd } from '../e2e/connect.ts';
import { openStack, type Stack } from '../e2e/open-stack.ts';
import { isInstalled, openBrowser } from './open-browser.ts';
import { openPage, type WatchedPage } from './open-page.ts';

/** Markup in a name must come out as the letters it is made of. */
const ODD_NAME = '<b id="odd">Cafés</b> & friends';

const stateAnswer = z.object({
  accounts: z.array(z.object({ id: z.string() })),
  lists: z.array(z.object({ id: z.string(), name: z.string() })),
  campaigns: z.array(z.object({ id: z.string(), status: z.string(), subject: z.string(), recipients: z.number() })),
});
const burstAnswer = z.object({ emails: z.array(z.string()) });

const REGULARS = 'Harbor Lane regulars';

(isInstalled ? describe : describe.skip)('the page, in a real browser on the local stack', () => {
  let stack: Stack;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;
  let requests: string[];
  let settingsUrl: string;

  beforeAll(async () => {
    browser = await openBrowser();
    stack = await openStack();
    settingsUrl = `${stack.info.apiUrl}/settings/integrations`;
    await stack.vendor.tell('POST', '/lists', { name: ODD_NAME, members: { subscribed: 3 } });
  }, 180_000);

  afterAll(async () => {
    await browser.close();
    await stack.close();
  });

  beforeEach(async () => {
    watched = await openPage(browser);
    ({ page, requests } = watched);
  });

  afterEach(async () => {
    await watched.close();
    expect(watched.mishaps).toEqual([]);
  });

  const button = (name: string, within: Page | Locator = page): Locator => within.getByRole('button', { name, exact: true });
  const section = (name: string): Locator => page.getByRole('region', { name, exact: true });
  const fact = (within: Locator, term: string): Locator =>
    within
      .locator('dl > div')
      .filter({ has: page.getByText(term, { exact: true }) })
      .locator('dd');
  const textOf = async (locator: Locator): Promise<string> => (await locator.innerText()).replaceAll('\u00a0', ' ');

  async function decide(press: string, decision: 'Approve' | 'Deny'): Promise<void> {
    await button(press).click();
    await page.waitForURL(`${stack.info.simulatorUrl}/oauth2/authorize**`);
    await button(decision).click();
    await page.waitForURL(settingsUrl);
  }

  async function send(subject: string): Promise<void> {
    const { items } = await stack.demo.call('listAudiences');
    const regulars = items.find(({ name }) => name === REGULARS);
    await page.getByLabel('Audience', { exact: true }).selectOption(regulars?.id ?? '');
    await page.getByLabel('Subject').fill(subject);
    await button('Send the sample campaign').dblclick();
    const dialog = page.getByRole('dialog', { name: 'Send this campaign now?' });
    expect(await dialog.innerText()).toMatch(/\d+ recipients, the subscribers of Harbor Lane regulars/);
    await button('Yes, send it', dialog).dblclick();
  }

  const atVendor = () => stack.vendor.control(stateAnswer, 'GET', '/state');
  const campaignsAtVendor = async (subject: string) =>
    (await atVendor()).campaigns.filter((campaign) => campaign.subject === subject);

  /** Lets one subscriber of the bakery act, and tells who it was. */
  async function letOne(action: 'unsubscribe' | 'complain'): Promise<string> {
    const regulars = (await atVendor()).lists.find(({ name }) => name === REGULARS);
    const { emails } = await stack.vendor.control(burstAnswer, 'POST', `/lists/${regulars?.id}/burst`, { count: 1, action });
    return emails[0] ?? 'nobody';
  }

  test('a consent that this tab did not begin is not completed, however valid its ticket is', async () => {
    const [account] = (await atVendor()).accounts;
    const { answer, ticket } = await consent(stack.demo, account?.id ?? '');
    expect(ticket).not.toBe('');

    await page.goto(locationOf(answer).href);
    await section('Connect Mailchimp').getByText('This consent was not begun here').waitFor();

    expect(page.url()).toBe(settingsUrl);
    await button('Connect Mailchimp').waitFor();
    expect(requests).not.toContain('POST /v1/integrations/mailchimp/complete');
    expect(await stack.demo.call('getConnection')).toMatchObject({ status: 'disconnected' });
  }, 180_000);

  test('a denial is told with its cause and what to do', async () => {
    await page.goto(stack.info.pageUrl);
    await decide('Connect Mailchimp', 'Deny');

    const problem = section('Connect Mailchimp').getByRole('alert');
    await problem.getByText('Access was denied').waitFor();
    expect(await problem.innerText()).toMatch(/Nothing was changed\.\s+What to do: Try again, and approve there\./);
    expect(page.url()).toBe(settingsUrl);
  }, 180_000);

  test('connect, send, read the numbers, see who left', async () => {
    await page.goto(stack.info.pageUrl);
    await decide('Connect Mailchimp', 'Approve');

    const connection = section('Connect Mailchimp');
    await connection.getByText('Connected', { exact: true }).first().waitFor();
    expect(await textOf(fact(connection, 'Account'))).toBe('Harbor Lane Bakery');
    expect(await textOf(fact(connection, 'Audiences'))).toBe('2');
    expect(await textOf(fact(connection, 'Connected'))).toMatch(/^\d+ \w+ \d{4}, \d\d:\d\d UTC$/);
    await connection.getByText('webhooks 2 of 2 active').waitFor();
    expect(await page.evaluate('Object.keys(sessionStorage)')).toEqual([]);
    expect(page.url()).toBe(settingsUrl);

    const audiences = section('Audiences');
    const row = audiences.getByRole('row', { name: REGULARS });
    await row.waitFor();
    await row.getByRole('cell', { name: '50', exact: true }).waitFor();
    expect(await row.getByRole('cell').allInnerTexts()).toEqual(expect.arrayContaining(['50', '5', '2']));
    await audiences.getByRole('cell', { name: ODD_NAME, exact: true }).waitFor();
    expect(await page.locator('#odd').count()).toBe(0);
    await page
      .getByText('owner@harborlane.test (the owner’s address, because no sender is set) · verified at Mailchimp')
      .waitFor();

    await send('Rye on Saturday');
    await section('Send the sample campaign')
      .getByText(/^Sent, /)
      .waitFor();
    expect(requests.filter((request) => request === 'POST /v1/campaigns')).toHaveLength(1);
    expect(await campaignsAtVendor('Rye on Saturday')).toMatchObject([{ status: 'sent', recipients: 50 }]);

    const campaigns = section('Campaigns and numbers');
    await campaigns.getByRole('row', { name: 'Rye on Saturday' }).getByText('Sent', { exact: true }).waitFor();
    const [sent] = await campaignsAtVendor('Rye on Saturday');
    await stack.vendor.tell('POST', `/campaigns/${sent?.id}/report`, {
      emails_sent: 50,
      hard_bounces: 1,
      soft_bounces: 1,
      opens_total: 40,
      unique_opens: 16,
      clicks_total: 0,
    });
    await button('Refresh numbers').click();
    await campaigns.getByText(/^As of /).waitFor();
    expect(await textOf(fact(campaigns, 'Delivered'))).toBe('48');
    expect(await textOf(fact(campaigns, 'Open rate'))).toBe('33.3%');
    expect(await textOf(fact(campaigns, 'Click rate'))).toBe('0.0%');
    expect(await textOf(fact(campaigns, 'Bounce rate'))).toBe('4.2%');

    const left = section('Suppressions').getByRole('row', { name: await letOne('unsubscribe') });
    await left.getByText('Unsubscribed', { exact: true }).waitFor();

    await page.setViewportSize({ width: 360, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
  }, 120_000);

  test('a send whose answer was lost is repeated under the same key, and happens once', async () => {
    await page.goto(stack.info.pageUrl);
    const keys: string[] = [];
    await page.context().route('**/v1/campaigns', async (route) => {
      const key = route.request().headers()['idempotency-key'];
      if (key !== undefined) keys.push(key);
      if (keys.length !== 1 || key === undefined) return route.fallback();
      await route.fetch();
      return route.abort();
    });

    await send('Rolls on Sunday');
    const sending = section('Send the sample campaign');
    await sending.getByText('The service does not answer').waitFor();
    await send('Rolls on Sunday');
    await sending.getByText(/^Sent, /).waitFor();

    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    expect(await campaignsAtVendor('Rolls on Sunday')).toHaveLength(1);
  }, 180_000);

  test('a suppression can be added, looked up and lifted with a reason; a complaint cannot', async () => {
    const complainer = await letOne('complain');
    await page.goto(stack.info.pageUrl);
    const suppressions = section('Suppressions');
    await suppressions.getByRole('row', { name: complainer }).getByText('cannot be lifted').waitFor();

    await page.getByLabel('Address to suppress').fill('Mira@Example.test');
    await button('Suppress').click();
    await suppressions.getByRole('row', { name: 'mira@example.test' }).getByText('Added by hand').waitFor();

    await button('Lift the suppression of mira@example.test').click();
    await page.getByRole('dialog').getByLabel('Reason').fill('asked to come back');
    await button('Lift', page.getByRole('dialog')).click();
    await suppressions.getByRole('row', { name: 'mira@example.test' }).waitFor({ state: 'detached' });

    await page.getByLabel('Address to check').fill('mira@example.test');
    await button('Check').click();
    await suppressions.getByText('mira@example.test is not suppressed.').waitFor();
  }, 180_000);

  test('without a key of the server one is asked for, and stays in this tab', async () => {
    await page.context().route(stack.info.pageUrl, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replaceAll(stack.info.apiKey, '__DEMO_API_KEY__') });
    });
    await page.goto(stack.info.pageUrl);
    await page.getByText('Paste an API key to begin.').waitFor();

    await page.getByLabel('API key').fill('ilx_local_wrong');
    await button('Use this key').click();
    await page.getByText('This key is not accepted.').waitFor();
    await page.getByLabel('API key').fill(stack.info.apiKey);
    await button('Use this key').click();
    await section('Connect Mailchimp').getByText('Connected', { exact: true }).first().waitFor();

    expect(await page.evaluate('Object.values(sessionStorage)')).toEqual([stack.info.apiKey]);
    expect(await page.evaluate('localStorage.length + document.cookie.length')).toBe(0);
  }, 180_000);

  test('a lost token asks to reconnect; a disconnect says what goes and what stays', async () => {
    const [account] = (await atVendor()).accounts;
    await stack.vendor.tell('DELETE', `/accounts/${account?.id}/tokens`);
    await page.goto(stack.info.pageUrl);
    await button('Refresh audiences').click();
    const connection = section('Connect Mailchimp');
    await connection.getByText('Needs to be reconnected').waitFor();
    await connection.getByText('Invalid token').waitFor();
    await decide('Reconnect Mailchimp', 'Approve');
    await connection.getByText('Connected', { exact: true }).first().waitFor();

    for (const { runId } of (await stack.demo.call('listSyncs')).items) await runEnd(stack.demo, runId);
    await button('Disconnect').click();
    const dialog = page.getByRole('dialog', { name: 'Disconnect Harbor Lane Bakery?' });
    expect(await dialog.innerText()).toMatch(/Removed: .*token.*What stays: campaigns/s);
    await button('Disconnect', dialog).click();
    await button('Connect Mailchimp').waitFor();

    await section('Audiences').getByText('There is no audience.').waitFor();
    await section('Campaigns and numbers').getByRole('row', { name: 'Rye on Saturday' }).waitFor();
    expect(await stack.demo.call('getConnection')).toMatchObject({ status: 'disconnected' });
  }, 180_000);
});
