import { readFileSync } from 'node:fs';
import type { Locator } from 'playwright-core';

/** The file that a press of the button hands over. */
export async function downloaded(press: Locator): Promise<{ name: string; text: string }> {
  const [file] = await Promise.all([press.page().waitForEvent('download'), press.click()]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
}
