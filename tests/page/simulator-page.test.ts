import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { until } from '../simulator/open-simulator.ts';
import { numberAt, textAt } from '../simulator/read.ts';
import { isInstalled, openBrowser } from './open-browser.ts';
import { isSigned, openSimulatorPage, type SimulatorPage } from './open-simulator-page.ts';

const MONA = 'mona.kvist.0@readers.test';
const PEOPLE = ['anders.kvist.1', 'ingrid.kvist.2', 'tomas.kvist.3', 'lena.kvist.4'].map((name) => `${name}@readers.test`);
const [ANDERS = '', INGRID = '', TOMAS = '', LENA = ''] = PEOPLE;

(isInstalled ? describe : describe.skip)('the page of the simulator, in a real browser', () => {
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

  const memberOf = async (email: string, listId = opened.sim.listId): Promise<unknown> =>
    (await opened.sim.api('GET', `/lists/${listId}/members/${encodeURIComponent(email)}`)).body;
  const countsOf = async (listId = opened.sim.listId): Promise<unknown> =>
    (await opened.sim.control('GET', `/lists/${listId}`)).body;
  const newList = async (name: string, members: Record<string, number>): Promise<string> =>
    textAt((await opened.sim.control('POST', '/lists', { name, members })).body, 'lists.0.id');

  test('an unsubscribe reaches a hook with a valid signature, and its delivery can be read', async () => {
    opened = await openSimulatorPage(browser);
    const { page, section, button, receiver, choose, said } = opened;
    const secret = await opened.hook();
    const press = await button(`Actions for ${receiver.url}/in`).elementHandle();

    await choose(`Actions for ${MONA}`, 'Unsubscribe');
    await said(`${MONA} unsubscribed.`);

    expect(await memberOf(MONA)).toMatchObject({ status: 'unsubscribed', unsubscribe_reason: 'None given' });
    await until('the hook heard of it', () => receiver.posts().length === 1);
    const [post] = receiver.posts();
    expect(post?.form.get('data[email]')).toBe(MONA);
    expect(post === undefined ? false : isSigned(post, secret)).toBe(true);
    expect(post === undefined ? true : isSigned(post, 'another secret')).toBe(false);
    await section('Members').getByRole('row', { name: MONA }).getByText('Unsubscribed', { exact: true }).waitFor();
    await section('Webhooks').getByRole('row', { name: receiver.url }).getByText('Signed', { exact: true }).waitFor();
    await section('Webhooks').getByRole('row', { name: receiver.url }).getByText('200').waitFor();
    // Whoever is about to press a button of a row that changes must not press into the void.
    expect(await press.isVisible()).toBe(true);
    const attempt = section('Webhooks').getByRole('row', { name: MONA });
    await attempt.waitFor();
    expect(await attempt.getByRole('cell').allInnerTexts()).toEqual(expect.arrayContaining(['1', '200']));
    expect(await attempt.getByText(`data[email] = ${MONA}`).count()).toBe(0);
    await attempt.getByText('Body', { exact: true }).click();
    await attempt.getByText(`data[email] = ${MONA}`).waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Body');
  });

  test('a bounce, a complaint, a new address and all else that happens to one member', async () => {
    opened = await openSimulatorPage(browser);
    const { page, section, button, choose, said, sim } = opened;
    const made = await sim.control('POST', '/campaigns', { subject: 'Rye on Saturday' });
    const campaignId = textAt(made.body, 'campaigns.0.id');
    await page.getByLabel('Campaign it comes from').selectOption(campaignId);

    await choose(`Actions for ${MONA}`, 'Hard bounce');
    await said(/bounced and is cleaned/);
    await choose(`Actions for ${ANDERS}`, 'Soft bounce');
    await said(/bounced softly/);
    await choose(`Actions for ${INGRID}`, 'Spam complaint');
    await said(`${INGRID} complained.`);
    expect([await memberOf(MONA), await memberOf(ANDERS), await memberOf(INGRID)]).toMatchObject([
      { status: 'cleaned' },
      { status: 'subscribed' },
      { status: 'unsubscribed' },
    ]);
    expect(await countsOf()).toMatchObject({ cleaned: 3, unsubscribed: 6, abuseReports: 1 });
    const report = section('Campaigns').getByRole('row', { name: 'Rye on Saturday' });
    await report.getByText('1 complained').waitFor();
    await report.getByText('1 soft').waitFor();
    expect((await sim.api('GET', `/reports/${campaignId}`)).body).toMatchObject({
      bounces: { hard_bounces: 1 },
      unsubscribed: 1,
    });

    await choose(`Actions for ${TOMAS}`, 'Change the address…');
    await page.getByLabel('New address').fill('tomas@elsewhere.test');
    await page.keyboard.press('Enter');
    await said(`${TOMAS} is tomas@elsewhere.test now.`);
    expect([await memberOf(TOMAS), await memberOf('tomas@elsewhere.test')]).toMatchObject([
      { status: 404 },
      { status: 'subscribed' },
    ]);

    await choose(`Actions for ${INGRID}`, 'Resubscribe');
    await said(/subscribed again/);
    await choose(`Actions for ${ANDERS}`, 'Archive');
    await said(/is archived/);
    await choose(`Actions for ${LENA}`, 'Delete permanently…');
    await button('Cancel', page.getByRole('dialog')).click();
    expect(await memberOf(LENA)).toMatchObject({ status: 'subscribed' });
    await choose(`Actions for ${LENA}`, 'Delete permanently…');
    await button('Delete permanently', page.getByRole('dialog')).click();
    await said(/deleted for good/);
    expect([await memberOf(INGRID), await memberOf(ANDERS), await memberOf(LENA)]).toMatchObject([
      { status: 'subscribed' },
      { status: 'archived' },
      { status: 404 },
    ]);
  });

  test('a burst of 3,000 shows how far its webhooks are, and ends with the right counts', async () => {
    opened = await openSimulatorPage(browser);
    const { page, section, button, receiver, choose } = opened;
    const listId = await newList('Crowd', { subscribed: 3_200 });
    await opened.hook('/crowd', listId);
    await button('Crowd').click();
    const members = section('Members');
    await members.getByText('1 to 10 of 3,200').waitFor();
    expect(await page.getByLabel('People', { exact: true }).inputValue()).toBe('3000');

    await page.evaluate(`window.heard = [];
      new MutationObserver(() => window.heard.push(document.getElementById('burst-told').textContent))
        .observe(document.getElementById('burst-told'), { childList: true, characterData: true, subtree: true });`);
    await button('Fire the burst').click();
    await page.getByText('Crowd has 3,200 subscribed.').waitFor();
    await button('Fire it').click();
    await members.getByText(/^[\d,]+ of 3,000 sent$/).waitFor();
    expect(await countsOf(listId)).toMatchObject({ subscribed: 200, unsubscribed: 3_000 });
    expect(await members.getByRole('progressbar', { name: 'Webhooks delivered' }).isVisible()).toBe(true);
    const row = section('Lists').getByRole('row', { name: 'Crowd' });
    expect(await row.getByRole('cell').allInnerTexts()).toEqual(expect.arrayContaining(['200', '3,000']));
    await until('a part of the burst arrived', () => receiver.posts().length >= 100, 60_000);
    // What is left would take seconds and show nothing new.
    await choose(`Actions for ${receiver.url}/crowd`, 'Disable');
    await members.getByText('a hook was disabled or deleted, and what it had not got is dropped.').waitFor();
    // Whoever listens hears of the beginning and of the end, and not of every look in between.
    expect(await page.evaluate('window.heard')).toEqual([
      '3,000 people unsubscribed in Crowd.',
      expect.stringMatching(/^3,000 people unsubscribed in Crowd\. Webhooks: a hook was disabled/),
    ]);
    await section('Webhooks').getByText('by control').waitFor();
    const told = receiver.posts().map(({ form }) => form.get('data[email]'));
    expect(new Set(told).size).toBe(told.length);
    expect(await memberOf(told.at(-1) ?? '', listId)).toMatchObject({ status: 'unsubscribed' });
  }, 120_000);

  test('the clock moves by a press and by any amount, and what is due then happens', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'clock-'));
    opened = await openSimulatorPage(browser, { stateDir });
    const { page, section, button, said, receiver, choose } = opened;
    for (const press of ['+1 min', '+15 min', '+1 h', '+1 day']) {
      await button(press).click();
      await said(/^The clock moved on by 1/);
    }
    await page.getByLabel('Amount of time').fill('2.5');
    await page.getByLabel('Unit of time').selectOption('hours');
    await button('Advance').click();
    await said('The clock moved on by 2.5 hours.');
    const state: unknown = JSON.parse(await readFile(join(stateDir, 'simulator.json'), 'utf8'));
    expect(numberAt(state, 'clockOffsetMs')).toBe((24 * 60 + 60 + 16 + 150) * 60_000);
    await page.getByLabel('Amount of time').fill('87661');
    await button('Advance').click();
    expect(await page.locator('#clock-amount:invalid').count()).toBe(1);
    await page.getByText('1 d 3 h ahead of the real time').waitFor();

    await opened.hook();
    receiver.answer = (request) => (request.method === 'POST' ? 503 : 200);
    await choose(`Actions for ${MONA}`, 'Unsubscribe');
    await section('Webhooks')
      .getByText(/^in (1 min|\d\d s)/)
      .waitFor();
    receiver.answer = () => 200;
    await button('+15 min').click();
    const attempts = section('Webhooks').getByRole('row', { name: MONA });
    await attempts.filter({ hasText: '200' }).waitFor();
    expect(await attempts.filter({ hasText: '503' }).count()).toBe(1);
    await section('Webhooks').getByText('No delivery is pending.').waitFor();
  });
});
