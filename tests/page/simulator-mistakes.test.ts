import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { textAt } from '../simulator/read.ts';
import { isInstalled, openBrowser } from './open-browser.ts';
import { openSimulatorPage, type SimulatorPage } from './open-simulator-page.ts';

const MONA = 'mona.kvist.0@readers.test';
/** Words of letters alone that go over more than one line. */
const BROKEN_WORDS = `(() => {
  const broken = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.checkVisibility()) continue;
    for (const word of node.data.matchAll(/(?<=^|\\s)[\\p{L}’]+(?=[.,:;]?(\\s|$))/gu)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) broken.push(word[0]);
    }
  }
  return broken;
})()`;

(isInstalled ? describe : describe.skip)('the page of the simulator keeps a person from mistakes', () => {
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
  const statusIn = async (listId: string): Promise<string> =>
    textAt((await opened.sim.api('GET', `/lists/${listId}/members/${MONA}`)).body, 'status');

  test('the rows of a list are gone before those of another one are there, and belong to theirs', async () => {
    opened = await openSimulatorPage(browser);
    const { page, section, button, choose, said, sim } = opened;
    const other = await newList('Other', {});
    await sim.control('POST', `/lists/${other}/members`, { members: [{ email: MONA }] });
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(`**/_control/lists/${other}/members*`, async (route) => {
      await released;
      await route.continue();
    });
    await button('Other').click();
    await section('Members').getByText('Reading the members…').waitFor();
    expect(await section('Members').getByRole('row').filter({ visible: true }).count()).toBe(0);
    release();
    await section('Members').getByText('1 to 1 of 1').waitFor();
    await choose(`Actions for ${MONA}`, 'Unsubscribe');
    await said(`${MONA} unsubscribed.`);
    expect([await statusIn(other), await statusIn(sim.listId)]).toEqual(['unsubscribed', 'subscribed']);
  });

  test('a burst that hits most of a list is asked about, and says who was told', async () => {
    opened = await openSimulatorPage(browser);
    const { page, section, button, receiver, sim } = opened;
    const listId = await newList('Few', { subscribed: 8 });
    await button('Few').click();
    const members = section('Members');
    await members.getByText('1 to 8 of 8').waitFor();
    const people = page.getByLabel('People', { exact: true });
    await people.fill('5');
    await button('Fire the burst').click();
    await page.getByRole('heading', { name: 'Fire a burst at 5 people?' }).waitFor();
    await button('Cancel', page.getByRole('dialog')).click();
    expect((await sim.control('GET', `/lists/${listId}`)).body).toMatchObject({ subscribed: 8 });
    await people.fill('2');
    await button('Fire the burst').click();
    await members.getByText('2 people unsubscribed in Few. Nobody was told: no webhook of this list asks for it.').waitFor();

    await opened.hook('/few', listId);
    let posts = 0;
    receiver.answer = ({ method }) => (method === 'POST' && ++posts === 2 ? 503 : 200);
    await section('Webhooks').getByRole('row', { name: '/few' }).waitFor();
    await people.fill('3');
    await button('Fire the burst').click();
    await members.getByText('3 people unsubscribed in Few. Webhooks: 2 delivered, 1 failed and will be tried again.').waitFor();
  });

  test('a menu is announced by its opener, as open and as closed', async () => {
    opened = await openSimulatorPage(browser);
    const { page, button } = opened;
    const opener = button(`Actions for ${MONA}`);
    const told = async (): Promise<unknown> => [
      await opener.getAttribute('aria-haspopup'),
      await opener.getAttribute('aria-expanded'),
    ];
    expect(await told()).toEqual(['true', 'false']);
    await opener.click();
    expect(await told()).toEqual(['true', 'true']);
    await page.keyboard.press('Escape');
    expect(await told()).toEqual(['true', 'false']);
  });

  test('attempts that are no longer kept are not taken for none', async () => {
    opened = await openSimulatorPage(browser);
    const { page, section, choose } = opened;
    await page.route('**/_control/hooks/*/deliveries*', (route) =>
      route.fulfill({ json: { attempts: [], pending: [], attemptCount: 0, pendingCount: 0 } }),
    );
    await opened.hook();
    await section('Webhooks').getByText('Nothing was delivered to this hook yet.').waitFor();
    await choose(`Actions for ${MONA}`, 'Unsubscribe');
    await section('Webhooks').getByText('Older attempts are no longer kept.').waitFor();
  });

  test('no word is broken on a phone', async () => {
    opened = await openSimulatorPage(browser);
    const { page, section, choose, said, sim } = opened;
    await opened.hook();
    await sim.control('POST', '/campaigns', { subject: 'Extraordinary sourdough announcements' });
    await choose(`Actions for ${MONA}`, 'Unsubscribe');
    await said(`${MONA} unsubscribed.`);
    await section('Campaigns').getByText('Extraordinary').waitFor();
    for (const width of [320, 380]) {
      await page.setViewportSize({ width, height: 740 });
      expect([width, await page.evaluate(BROKEN_WORDS)]).toEqual([width, []]);
    }
  });
});
