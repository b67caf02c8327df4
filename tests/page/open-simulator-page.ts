import { createHmac } from 'node:crypto';
import type { Browser, Locator, Page } from 'playwright-core';
import type { SimulatorOptions } from '../../local/simulator/public-interface.ts';
import { openSimulator, type Opened } from '../simulator/open-simulator.ts';
import { textAt } from '../simulator/read.ts';
import { openReceiver, type Received, type Receiver } from '../simulator/receiver.ts';
import { openPage } from './open-page.ts';

const EVENTS = { subscribe: true, unsubscribe: true, profile: true, cleaned: true, upemail: true, campaign: true };

/** The page of a simulator of its own, as a person works with it. */
export interface SimulatorPage {
  readonly sim: Opened;
  readonly page: Page;
  readonly receiver: Receiver;
  /** Script errors, breaches of the content security policy and complaints on the console. */
  readonly mishaps: string[];
  readonly requests: string[];
  /** Registers a hook for everything; returns its signing secret. */
  readonly hook: (path?: string, listId?: string) => Promise<string>;
  readonly section: (name: string) => Locator;
  readonly button: (name: string, within?: Locator) => Locator;
  /** What the page said last, which must have these words. */
  readonly said: (words: string | RegExp) => Promise<void>;
  /** Opens the menu of a row and chooses. */
  readonly choose: (opener: string, choice: string) => Promise<void>;
  close(): Promise<void>;
}

export async function openSimulatorPage(browser: Browser, options: SimulatorOptions = {}): Promise<SimulatorPage> {
  const sim = await openSimulator(options);
  const receiver = await openReceiver();
  const watched = await openPage(browser);
  const { page, mishaps, requests } = watched;
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') mishaps.push(message.text());
  });
  await page.goto(sim.url);
  const section = (name: string): Locator => page.getByRole('region', { name, exact: true });
  const button = (name: string, within?: Locator): Locator => (within ?? page).getByRole('button', { name, exact: true });
  await section('Members')
    .getByText(/^(Nobody$|1 to )/)
    .waitFor();
  return {
    sim,
    page,
    receiver,
    mishaps,
    requests,
    hook: async (path = '/in', listId = sim.listId) => {
      const body = { url: `${receiver.url}${path}`, events: EVENTS, sources: { user: true, admin: true, api: true } };
      return textAt((await sim.api('POST', `/lists/${listId}/webhooks`, body)).body, 'signing_secret');
    },
    section,
    button,
    said: (words) => page.locator('.notices').getByText(words).waitFor(),
    choose: async (opener, choice) => {
      await button(opener).click();
      await button(choice, page.locator('#menu')).click();
    },
    close: async () => {
      await watched.close();
      await receiver.close();
      await sim.close();
    },
  };
}

/** Whether a delivery is signed with that secret, over the bytes that came. */
export function isSigned({ headers, raw }: Received, secret: string): boolean {
  const [, t = '', v1 = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-mailchimp-signature'])) ?? [];
  return createHmac('sha256', secret).update(`${t}.`).update(raw).digest('hex') === v1;
}
