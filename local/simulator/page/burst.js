import { act } from './action.js';
import { control } from './control.js';
import { byId, write } from './dom.js';
import { cause } from './members.js';
import { count, plural } from './words.js';

const DONE = { unsubscribe: 'unsubscribed', bounce: 'bounced', complain: 'complained', archive: 'went to the archive' };

/** Many events at once in the chosen list, and how far their webhooks have come. */
export function mountBurst({ chosenList }) {
  let told = '';
  /** The most deliveries that were due since the burst. */
  let most = 0;

  byId('burst').addEventListener('submit', (event) => {
    event.preventDefault();
    const list = chosenList();
    if (list === undefined) return;
    const [action, wanted] = [byId('burst-action').value, Number(byId('burst-count').value)];
    void act(byId('burst-fire'), async () => {
      const { done } = await control.post(`/lists/${list.id}/burst`, { action, count: wanted, ...cause() });
      const short = done < wanted ? `, as many as ${list.name} had` : ` in ${list.name}`;
      told = `${plural(done, 'person', 'people')} ${DONE[action]}${short}.`;
      most = 0;
      return told;
    });
  });

  return {
    show({ dueDeliveries, pendingDeliveries, lists }) {
      byId('burst-fire').disabled = lists.length === 0;
      if (told === '') return;
      most = Math.max(most, dueDeliveries);
      const progress = byId('burst-progress');
      progress.hidden = most === 0;
      progress.max = Math.max(1, most);
      progress.value = most - dueDeliveries;
      const waiting = pendingDeliveries - dueDeliveries;
      const webhooks =
        most === 0
          ? ''
          : dueDeliveries > 0
            ? ` Webhooks: ${count(most - dueDeliveries)} of ${count(most)} sent.`
            : waiting > 0
              ? ` Webhooks: ${count(waiting)} wait to be tried again.`
              : ' Webhooks: all delivered or given up.';
      write(byId('burst-told'), `${told}${webhooks}`);
    },
  };
}
