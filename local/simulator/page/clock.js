import { act } from './action.js';
import { control } from './control.js';
import { byId, write } from './dom.js';
import { span, when } from './words.js';

/** Ten years; further on, dates mean nothing to what is tested. */
const FURTHEST = { seconds: 315_576_000, minutes: 5_259_600, hours: 87_660, days: 3_652 };
/** Nearer than this to the real time it is called the real time. */
const TOGETHER_MS = 2_000;

/** The simulated time, and the buttons that move it. A clock of the simulator's own goes on between two looks. */
export function mountClock() {
  let known;

  async function advance(unit, amount) {
    await control.post('/clock/advance', { [unit]: amount });
    return `The clock moved on by ${amount} ${amount === 1 ? unit.replace(/s$/, '') : unit}.`;
  }

  byId('clock-steps').addEventListener('click', ({ target }) => {
    const button = target.closest('button');
    if (button) void act(button, () => advance(button.dataset.unit, Number(button.dataset.amount)));
  });
  byId('clock-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void act(byId('clock-advance'), () => advance(byId('clock-unit').value, Number(byId('clock-amount').value)));
  });

  const limit = () => {
    byId('clock-amount').max = FURTHEST[byId('clock-unit').value];
  };
  byId('clock-unit').addEventListener('change', limit);
  limit();

  function tick() {
    if (known === undefined) return;
    const now = known.now + (known.own ? window.performance.now() - known.at : 0);
    write(byId('clock-now'), when(now));
    byId('clock-now').dateTime = new Date(now).toISOString();
    const ahead = now - Date.now();
    const distance =
      Math.abs(ahead) < TOGETHER_MS ? 'The real time' : `${span(ahead)} ${ahead > 0 ? 'ahead of' : 'behind'} the real time`;
    write(byId('clock-ahead'), known.own ? distance : `${distance}; set by another program`);
  }
  window.setInterval(tick, 1_000);

  return {
    show({ now, own }) {
      known = { now: Date.parse(now), own, at: window.performance.now() };
      byId('clock-foreign').hidden = own;
      for (const node of document.querySelectorAll('.hands :is(button, input, select)')) node.disabled = !own;
      tick();
    },
  };
}
