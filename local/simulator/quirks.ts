import { campaignQuirks } from './quirks/campaigns.ts';
import { connectQuirks } from './quirks/connect.ts';
import { eventQuirks } from './quirks/events.ts';
import { limitQuirks } from './quirks/limits.ts';
import { memberQuirks } from './quirks/members.ts';
import type { Quirk } from './quirks/quirk.ts';
import { reportQuirks } from './quirks/reports.ts';
import { transportQuirks } from './quirks/transport.ts';
import { webhookQuirks } from './quirks/webhooks.ts';
import { settingsRecord, type Settings } from './settings.ts';

export const AREAS = ['connect', 'transport', 'limits', 'members', 'webhooks', 'events', 'campaigns', 'reports'] as const;
export type Area = (typeof AREAS)[number];

/** Everything about the vendor that surprises people, each thing once. */
export const QUIRKS: Readonly<Record<Area, readonly Quirk[]>> = {
  connect: connectQuirks,
  transport: transportQuirks,
  limits: limitQuirks,
  members: memberQuirks,
  webhooks: webhookQuirks,
  events: eventQuirks,
  campaigns: campaignQuirks,
  reports: reportQuirks,
};

export type QuirkState = 'on' | 'off' | 'between' | 'always on';

/** Whether a quirk is there under these settings; a number of one's own choice is neither on nor off. */
export function quirkState(quirk: Quirk, settings: Settings): QuirkState {
  if ('none' in quirk.switch) return 'always on';
  const value = settings[quirk.switch.setting];
  if (value === quirk.switch.on) return 'on';
  return value === quirk.switch.off ? 'off' : 'between';
}

/** What can be wanted of a quirk; `default` is how it is when a simulator begins. */
export const TURNS = ['on', 'off', 'default'] as const;
type Turn = (typeof TURNS)[number];

/** The settings that turn the named quirks as wanted, and with `all` those that are not named. */
export function settingsFor(wanted: Readonly<Record<string, Turn | undefined>>): Record<string, unknown> {
  const defaults = settingsRecord.parse({});
  const changes: Record<string, unknown> = {};
  for (const { id, switch: turn } of AREAS.flatMap((area) => QUIRKS[area])) {
    const state = wanted[id] ?? wanted['all'];
    if (state === undefined || 'none' in turn) continue;
    changes[turn.setting] = state === 'default' ? defaults[turn.setting] : turn[state];
  }
  return changes;
}
