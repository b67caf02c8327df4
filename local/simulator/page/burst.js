import { act } from './action.js';
import { control } from './control.js';
import { ask } from './dialog.js';
import { byId, write } from './dom.js';
import { cause } from './members.js';
import { count, plural } from './words.js';

const DONE = { unsubscribe: 'unsubscribed', bounce: 'bounced', complain: 'complained', archive: 'went to the archive' };
/** More people than this, or more than half of a list, are asked about first. */
const MANY = 500;

/** Many events at once in the chosen list, and how far their webhooks have come. */
export function mountBurst({ chosenList }) {
  let state;
  /** The burst that is under way: what was said of it, how many deliveries it makes, and who hears of it. */
  let burst;

  byId('burst').addEventListener('submit', (event) => {
    event.preventDefault();
    const list = chosenList();
    if (list === undefined) return;
    const [action, wanted] = [byId('burst-action').value, Number(byId('burst-count').value)];
    void act(byId('burst-fire'), async () => {
      if (!(await agreed(list, wanted))) return;
      const hooks = hearing(state, list, action);
      const waitingBefore = state.pendingDeliveries - state.dueDeliveries;
      const { done } = await control.post(`/lists/${list.id}/burst`, { action, count: wanted, ...cause() });
      const short = done < wanted ? `, as many as ${list.name} had` : ` in ${list.name}`;
      const told = `${plural(done, 'person', 'people')} ${DONE[action]}${short}.`;
      const nobody = hooks.length === 0 ? ' Nobody was told: no webhook of this list asks for it.' : '';
      write(byId('burst-told'), told + nobody);
      byId('burst-progress').hidden = true;
      write(byId('burst-sent'), '');
      if (hooks.length === 0 || done === 0) {
        burst = undefined;
        return;
      }
      // A look that began before the burst would take it for over.
      const { version } = await control.get('/state');
      burst = { told, total: done * hooks.length, hooks, waitingBefore, version };
    });
  });

  return {
    show(next) {
      state = next;
      byId('burst-fire').disabled = state.lists.length === 0;
      if (burst === undefined || state.version < burst.version) return;
      const { dueDeliveries: due, pendingDeliveries: pending } = state;
      burst.total = Math.max(burst.total, due);
      const { total } = burst;
      const progress = byId('burst-progress');
      Object.assign(progress, { hidden: false, max: total, value: total - due });
      write(byId('burst-sent'), due === 0 ? '' : `${count(total - due)} of ${count(total)} sent`);
      if (due > 0) return;
      write(byId('burst-told'), `${burst.told} ${outcome(burst, Math.max(0, pending - burst.waitingBefore), state.hooks)}`);
      burst = undefined;
    },
  };
}

async function agreed(list, wanted) {
  const hit = Math.min(wanted, list.subscribed);
  if (hit <= MANY && hit <= list.subscribed / 2) return true;
  return ask({
    title: `Fire a burst at ${plural(hit, 'person', 'people')}?`,
    words: `${list.name} has ${count(list.subscribed)} subscribed. This cannot be taken back.`,
    yes: 'Fire it',
    isDanger: true,
  });
}

/** The hooks that will be told. Bounces come from the vendor, complaints from the person, whatever is chosen as the cause. */
function hearing({ hooks, settings }, list, action) {
  const isCleaned = action === 'bounce' || (action === 'complain' && settings.complaintEvent === 'cleaned');
  const source = isCleaned ? 'admin' : action === 'complain' ? 'user' : cause().source;
  if (source === 'api' && !settings.echoOwnChanges) return [];
  const isTold = ({ listId, events, sources, disabled }) =>
    listId === list.id && disabled === undefined && events[isCleaned ? 'cleaned' : 'unsubscribe'] && sources[source];
  return hooks.filter(isTold).map(({ id }) => id);
}

/** What became of the webhooks once none is due: those that failed wait, and a hook that was disabled lost what was left. */
function outcome({ total, hooks }, failed, now) {
  const isAlive = (id) => now.some((hook) => hook.id === id && hook.disabled === undefined);
  if (!hooks.every(isAlive)) return 'Webhooks: a hook was disabled or deleted, and what it had not got is dropped.';
  return `Webhooks: ${count(total - failed)} delivered, ${failed === 0 ? 'none failed' : `${count(failed)} failed and will be tried again`}.`;
}
