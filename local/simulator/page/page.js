import { mountAccounts } from './accounts.js';
import { onActed } from './action.js';
import { mountBurst } from './burst.js';
import { mountCalls } from './calls.js';
import { mountCampaigns } from './campaigns.js';
import { mountClock } from './clock.js';
import { control } from './control.js';
import { mountDeliveries } from './deliveries.js';
import { mountFaults } from './faults.js';
import { mountHooks } from './hooks.js';
import { mountLists } from './lists.js';
import { mountMembers } from './members.js';
import { complain, lost } from './notice.js';
import { mountReset } from './reset.js';

/** How often the page looks for what clients did. */
const LOOK_EVERY_MS = 2_000;
/** While webhooks are under way there is something to watch. */
const WATCH_EVERY_MS = 400;

const lists = mountLists({ onChosen: (state) => void members.show(state).catch(complain) });
const members = mountMembers({ chosenList: lists.chosen });
const hooks = mountHooks({ onChosen: (state) => void deliveries.show(state).catch(complain) });
const deliveries = mountDeliveries({ chosenHook: hooks.chosen });
const [clock, accounts, burst, campaigns, calls, faults, reset] = [
  mountClock(),
  mountAccounts(),
  mountBurst({ chosenList: lists.chosen }),
  mountCampaigns(),
  mountCalls(),
  mountFaults(),
  mountReset(),
];

let looking = false;
let again = false;
let timer;

/** One request for the state; the three pages of rows are asked for only when that tells of a change. */
async function lookOnce() {
  const state = await control.get('/state');
  for (const part of [clock, accounts, lists, hooks, burst, campaigns, faults, reset]) part.show(state);
  await Promise.all([members, deliveries, calls].map((part) => part.show(state)));
  return state.dueDeliveries > 0 ? WATCH_EVERY_MS : LOOK_EVERY_MS;
}

/** Looks now; a look that is under way is followed by another one, because it may have begun too early. */
async function look() {
  window.clearTimeout(timer);
  if (looking) {
    again = true;
    return;
  }
  looking = true;
  let pause = LOOK_EVERY_MS;
  do {
    again = false;
    try {
      pause = await lookOnce();
      lost('');
    } catch (error) {
      lost(`${error.message} Trying again…`);
    }
  } while (again);
  looking = false;
  if (document.visibilityState === 'visible') timer = window.setTimeout(look, pause);
}

onActed(() => void look());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void look();
  else window.clearTimeout(timer);
});
void look();
