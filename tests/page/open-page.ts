import type { Browser, Page } from 'playwright-core';

/** A page that is watched, in a profile of its own. */
export interface WatchedPage {
  page: Page;
  /** What must never happen: script errors and breaches of the content security policy. */
  mishaps: string[];
  /** Method and path of all that it asked for. */
  requests: string[];
  close(): Promise<void>;
}

/** @param withinMs how long the page may take for what is asked of it */
export async function openPage(browser: Browser, withinMs = 20_000): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
  context.setDefaultTimeout(withinMs);
  const page = await context.newPage();
  const [mishaps, requests]: [string[], string[]] = [[], []];
  page.on('pageerror', (error) => mishaps.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) mishaps.push(message.text());
  });
  page.on('request', (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
  return { page, mishaps, requests, close: () => context.close() };
}
