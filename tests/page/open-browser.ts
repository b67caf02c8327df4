import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const isInstalled = existsSync(CHROMIUM);
if (!isInstalled) {
  console.warn(`The tests of the page are skipped: there is no Chromium at ${CHROMIUM}. Install it, or set CHROMIUM_PATH.`);
}

/** A real browser without a window. */
export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: ARGS });
