import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { testClock, until } from '../simulator/open-simulator.ts';
import { columnAt, numberAt, rowsAt, textAt } from '../simulator/read.ts';
import { isInstalled, openBrowser } from './open-browser.ts';
import { openSimulatorPage, type SimulatorPage } from './open-simulator-page.ts';

const MONA = 'mona.kvist.0@readers.test';
/** Markup in a name must come out as the letters it is made of. */
const ODD_NAME = '<img src="x" onerror="document.title = 1">';

/** What is said where there is nothing. */
const EMPTY = [
  ['Accounts', 'There is no account.'],
  ['Lists', 'There is no list.'],
  ['Members', 'There is no list whose members could be shown.'],
  ['Campaigns', 'No campaign yet.'],
  ['Webhooks', 'No webhook is registered.'],
  ['Calls', 'Nothing was called yet.'],
  ['Faults', 'No fault is ordered'],
] as const;

(isInstalled ? describe : describe.skip)('what the page of the simulator shows, in a real browser', () => {
  let browser: Browser;
  let opened: SimulatorPage;

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    await opened.close();
    expect(opened.mishaps).toEqual([]);
  });

  const newList = async (name: string, members: Record<string, number>): Promise<string> =>
    textAt((await opened.sim.control('POST', '/lists', { name, members })).body, 'lists.0.id');

  test('a clock that another program owns is told as one, and its buttons cannot be pressed', async () => {
    opened = await openSimulatorPage(browser, { clock: testClock() });
    const { page, button } = opened;
    await page.getByText('Another program owns this clock').waitFor();
    expect(await page.getByText('21 Sept 2026, 06:03:17').count()).toBe(1);
    expect([await button('+1 day').isDisabled(), await page.getByLabel('Amount of time').isDisabled()]).toEqual([true, true]);
    expect((await opened.sim.control('POST', '/clock/advance', { days: 1 })).status).toBe(409);
  });

  test('a list of a million people is paged and searched, and a quiet world costs one request a look', async () => {
    opened = await openSimulatorPage(browser);
    const { page, section, button, requests } = opened;
    const listId = await newList('Million', { subscribed: 990_000, unsubscribed: 10_000 });
    await button('Million').click();
    const members = section('Members');
    await members.getByText('1 to 10 of 1,000,000').waitFor();
    await button('Next').click();
    await members.getByText('11 to 20 of 1,000,000').waitFor();
    await button('Last').click();
    await members.getByText('999,991 to 1,000,000 of 1,000,000').waitFor();
    const { body } = await opened.sim.control('GET', `/lists/${listId}/members?offset=999990&count=10`);
    const expected = columnAt(body, 'members', 'email').map(String);
    expect(await members.getByRole('cell').filter({ hasText: '@' }).count()).toBe(expected.length);
    await members.getByText(expected.at(-1) ?? '').waitFor();
    await page.getByLabel('Status').selectOption('unsubscribed');
    await members.getByText('1 to 10 of 10,000').waitFor();
    await page.getByLabel('Address', { exact: true }).fill('mona');
    await members.getByText('In a list this large only whole addresses are found.').waitFor();
    await page.getByLabel('Status').selectOption('');
    await page.getByLabel('Address', { exact: true }).fill(expected[3] ?? '');
    await members.getByRole('row', { name: expected[3] ?? '' }).waitFor();

    requests.length = 0;
    await until('the page looked twice', () => requests.length >= 2);
    expect(new Set(requests)).toEqual(new Set(['GET /_control/state']));
    expect(await page.getByLabel('Address', { exact: true }).inputValue()).toBe(expected[3]);
  });

  test('what others do appears by itself, and names are text, whatever is in them', async () => {
    opened = await openSimulatorPage(browser);
    const { page, section, sim } = opened;
    const listId = await newList(ODD_NAME, { subscribed: 1 });
    await sim.control('POST', '/campaigns', { listId, subject: ODD_NAME });
    await sim.control('PATCH', `/accounts/${sim.accountId}`, { name: ODD_NAME });
    await sim.control('POST', `/lists/${listId}/members`, {
      members: [{ email: 'odd@readers.test', merge_fields: { FNAME: ODD_NAME } }],
    });
    await section('Lists').getByRole('button', { name: ODD_NAME }).click();
    await section('Members').getByText(ODD_NAME, { exact: true }).waitFor();
    await section('Campaigns').getByRole('row', { name: ODD_NAME }).waitFor();
    await section('Accounts').getByRole('row', { name: ODD_NAME }).waitFor();
    expect(await page.locator('img').count()).toBe(1);
    expect(await page.title()).toBe('Mailchimp simulator');
  });

  test('faults are ordered, strike, and show in the log of calls, which can be filtered and cleared', async () => {
    opened = await openSimulatorPage(browser);
    const { page, section, button, said, sim } = opened;
    await page.getByLabel('Kind').selectOption('bare-429');
    await page.getByLabel('Path begins with').fill('/3.0/reports');
    await page.getByLabel('Retry-After').fill('7');
    await button('Order it').click();
    await said('The fault is ordered.');
    const struck = await sim.api('GET', '/reports');
    expect([struck.status, struck.headers.get('retry-after'), struck.text]).toEqual([429, '7', '']);
    await sim.api('GET', '/lists?count=1');
    await section('Faults').getByRole('row', { name: 'bare-429' }).getByText('1 of 1').waitFor();
    const calls = section('Calls');
    await calls.getByRole('row', { name: '/3.0/lists?count=1' }).waitFor();
    await page.getByLabel('Show only calls with').fill('429');
    await calls.getByText('1 of 2 calls').waitFor();
    expect(await calls.getByRole('row').last().getByRole('cell').allInnerTexts()).toEqual(
      expect.arrayContaining(['GET', '/3.0/reports', '429', '1', 'Harbor Lane Bakery']),
    );
    await button('Clear the log').click();
    await calls.getByText('Nothing was called yet.').waitFor();
    expect(rowsAt((await sim.control('GET', '/calls')).body, 'calls')).toEqual([]);
    await button('Clear all faults').click();
    await section('Faults').getByText('No fault is ordered').waitFor();
    expect((await sim.api('GET', '/reports')).status).toBe(200);
  });

  test('a token is shown when it is asked for and nowhere else; accounts are disabled and downgraded', async () => {
    opened = await openSimulatorPage(browser);
    const { page, button, choose, said, sim } = opened;
    await button('Issue a token for Harbor Lane Bakery').click();
    const token = await page.getByRole('textbox', { name: 'Access token' }).inputValue();
    const as = async (): Promise<number> =>
      (await sim.api('POST', '/campaigns', {}, { authorization: `Bearer ${token}` })).status;
    expect(await as()).toBe(400);
    await button('Copy').click();
    await page.getByText(/^(Copied|The browser does not let)/).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.content()).not.toContain(token);
    expect(await page.locator('#token-value').inputValue()).toBe('');
    for (const role of ['admin', 'manager', 'author', 'viewer']) {
      await choose('More for Harbor Lane Bakery', `Downgrade the role to ${role}`);
      await said(`The role in Harbor Lane Bakery is ${role} now.`);
      await page.getByRole('cell', { name: role, exact: true }).waitFor();
    }
    expect(await as()).toBe(403);
    await choose('More for Harbor Lane Bakery', 'Make owner again');
    await said(/owner again/);
    await choose('More for Harbor Lane Bakery', 'Disable the account');
    await said(/is disabled/);
    expect((await sim.api('GET', '/ping')).body).toMatchObject({ title: 'User Disabled' });
    await choose('More for Harbor Lane Bakery', 'Revoke all tokens…');
    await button('Revoke them').click();
    await said(/are revoked/);
    expect(numberAt((await sim.control('GET', '/state')).body, 'accounts.0.livingTokens')).toBe(0);
  });
  test('a person without a mouse gets everywhere, and stays where the focus was', async () => {
    opened = await openSimulatorPage(browser);
    const { page, button, said, section } = opened;
    const focused = (): Promise<unknown> =>
      page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent");
    await button(`Actions for ${MONA}`).focus();
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('Unsubscribe');
    await page.keyboard.press('ArrowUp');
    expect(await focused()).toBe('Delete permanently…');
    await page.keyboard.press('Escape');
    expect(await focused()).toBe(`Actions for ${MONA}`);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await said(`${MONA} unsubscribed.`);
    await section('Members').getByRole('row', { name: MONA }).getByText('Unsubscribed', { exact: true }).waitFor();
    expect(await focused()).toBe(`Actions for ${MONA}`);
    await button('Last').focus();
    await page.keyboard.press('Enter');
    await section('Members').getByText('51 to 57 of 57').waitFor();
    expect(await focused()).toBe('Last');
  });

  test('everything fits on a phone, and a refusal is told in words', async () => {
    opened = await openSimulatorPage(browser);
    const { page, choose, said, mishaps } = opened;
    await opened.hook('/a-path-that-is-much-longer-than-any-screen-of-a-phone-is-wide-and-has-no-blank-to-break-at');
    await page.setViewportSize({ width: 360, height: 740 });
    await page
      .getByRole('button', { name: /a-path-that-is-much-longer/ })
      .first()
      .waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    const wide = "[...document.querySelectorAll('.scroll')].filter((table) => table.scrollWidth > table.clientWidth).length";
    expect(await page.evaluate(wide)).toBe(0);
    await choose(`Actions for ${MONA}`, 'Change the address…');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.keyboard.press('Escape');
    await opened.choose(
      `Actions for ${opened.receiver.url}/a-path-that-is-much-longer-than-any-screen-of-a-phone-is-wide-and-has-no-blank-to-break-at`,
      'Deliver the last event again',
    );
    await said('Nothing was delivered to this hook yet.');
    expect(mishaps.splice(0)).toEqual([expect.stringContaining('404')]);
  });

  test('a reset asks first, and a simulator that is gone is told as gone', async () => {
    opened = await openSimulatorPage(browser);
    const { page, button, section, said, sim, mishaps } = opened;
    await newList('To be forgotten', { subscribed: 1 });
    await button('Reset…').click();
    await button('Cancel', page.getByRole('dialog')).click();
    await section('Lists').getByRole('row', { name: 'To be forgotten' }).waitFor();
    await button('Reset…').click();
    await page.getByLabel('Begin without any account').check();
    await button('Begin anew', page.getByRole('dialog')).click();
    await said('Everything begins anew.');
    expect((await sim.control('GET', '/state')).body).toMatchObject({ seed: 'harbor-lane', accounts: [], lists: [] });
    for (const [name, words] of EMPTY) await section(name).getByText(words).waitFor();
    await sim.close();
    await page.getByRole('alert').getByText('The simulator does not answer.').waitFor();
    expect(mishaps.splice(0).every((mishap) => mishap.includes('ERR_CONNECTION'))).toBe(true);
  });
});
