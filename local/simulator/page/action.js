import { complain, say } from './notice.js';

const busy = new WeakSet();
let afterwards = () => undefined;

/** What is to be done once somebody did something: look at the world anew. */
export function onActed(look) {
  afterwards = look;
}

/**
 * Runs `work` once however often `button` is pressed meanwhile, and tells how it went. The button keeps its focus.
 * @param work returns what to say when it went well, or nothing
 */
export async function act(button, work) {
  if (busy.has(button)) return;
  busy.add(button);
  button.setAttribute('aria-busy', 'true');
  try {
    const words = await work();
    if (words) say(words);
  } catch (error) {
    complain(error);
  } finally {
    busy.delete(button);
    button.removeAttribute('aria-busy');
    afterwards();
  }
}
