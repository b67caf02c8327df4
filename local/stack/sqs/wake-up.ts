import type { StackClock } from '../clock/stack-clock.ts';
import type { Message } from './message.ts';

/** The longest wait a timer takes; a longer one is begun again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface WakeUp {
  /** Something may have become receivable: tells the listeners, and sets the timer anew. */
  changed(): void;
  /** Only the time of the next event may have changed. */
  rearm(): void;
  onChange: (listener: () => void) => () => void;
  close: () => void;
}

/** Tells waiting receivers when it is worth looking: after a change, and when the clock makes a message due. */
export function makeWakeUp(clock: StackClock, messages: () => Iterable<Message>): WakeUp {
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let planned = false;
  let closed = false;

  const arm = (): void => {
    planned = false;
    clearTimeout(timer);
    if (closed) return;
    const now = clock.now();
    let next = Infinity;
    for (const message of messages()) {
      if (!message.held && message.visibleAt > now && message.visibleAt < next) next = message.visibleAt;
    }
    if (next === Infinity) return;
    timer = setTimeout(changed, Math.min(next - now, LONGEST_TIMER_MS));
    timer.unref();
  };
  // Many changes in a row look through the messages once.
  const rearm = (): void => {
    if (planned) return;
    planned = true;
    setImmediate(arm);
  };
  const changed = (): void => {
    if (closed) return;
    for (const listener of [...listeners]) listener();
    rearm();
  };
  const stopFollowing = clock.onMove(changed);
  rearm();
  return {
    changed,
    rearm,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      closed = true;
      stopFollowing();
      clearTimeout(timer);
    },
  };
}
