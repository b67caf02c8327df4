import * as z from 'zod';
import { ok } from './api-call.ts';
import type { ControlRoute } from './control-call.ts';
import { readBody } from './input.ts';
import { AREAS, QUIRKS, TURNS, quirkState, settingsFor } from './quirks.ts';
import type { Quirk } from './quirks/quirk.ts';
import { settingsRecord, type Settings } from './settings.ts';

const NAMES = ['all', ...AREAS.flatMap((area) => QUIRKS[area].filter(hasSwitch).map(({ id }) => id))];
const states = z.partialRecord(z.enum(NAMES), z.enum(TURNS));

/** The vendor's surprises, one by one or all at once. */
export const quirkControls: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: '/quirks',
    about: 'What surprises clients of the vendor, and whether it does so now',
    handle: ({ world }) => ok({ quirks: listing(world.sim.state.settings) }),
  },
  {
    method: 'POST',
    path: '/quirks',
    about: 'Turn quirks on or off, or back to how they began: {all?: on|off|default, <id>?: on|off|default, …}',
    handle: ({ world, body }) => {
      const { state } = world.sim;
      state.settings = settingsRecord.parse({ ...state.settings, ...settingsFor(readBody(states, body)) });
      world.sim.changed();
      return ok({ quirks: listing(state.settings) });
    },
  },
];

function hasSwitch(quirk: Quirk): boolean {
  return !('none' in quirk.switch);
}

const listing = (settings: Settings): object[] =>
  AREAS.flatMap((area) => QUIRKS[area].map((quirk) => ({ area, ...quirk, state: quirkState(quirk, settings) })));
