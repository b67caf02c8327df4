import type { Campaign } from './records.ts';

/** A setting that is text; empty when nobody gave it. */
export function textSetting(campaign: Campaign, name: string): string {
  const value = campaign.settings[name];
  return typeof value === 'string' ? value : '';
}
