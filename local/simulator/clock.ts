export interface Clock {
  now(): number;
}

/** The simulator's own clock: real time plus what was added to it, which the state remembers. */
export const shiftedClock = (offsetMs: () => number): Clock => ({ now: () => Date.now() + offsetMs() });
