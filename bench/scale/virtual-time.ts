import type { Clock } from '../../src/core/shared/clock.ts';

type Event = () => void;

/**
 * Time that only moves when nothing is left to do: work under test awaits promises, all that can go on without time passing
 * does, then the clock jumps to the next event. Events of one instant happen in the order in which they were asked for.
 */
export class VirtualTime implements Clock {
  private nowMs: number;
  private readonly events = new Map<number, Event[]>();
  /** A binary heap of the instants that have events. */
  private readonly instants: number[] = [];

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  now(): number {
    return this.nowMs;
  }

  /** @param atMs ms since the epoch; the past means now */
  at(atMs: number, event: Event): void {
    const instant = Math.max(Math.round(atMs), this.nowMs);
    const known = this.events.get(instant);
    if (known) {
      known.push(event);
      return;
    }
    this.events.set(instant, [event]);
    this.push(instant);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.nowMs + ms, resolve));
  }

  /** Until no event is left. */
  async run(): Promise<void> {
    for (let instant = this.pop(); instant !== undefined; instant = this.pop()) {
      this.nowMs = instant;
      const due = this.events.get(instant) ?? [];
      this.events.delete(instant);
      for (const event of due) event();
      await settled();
    }
  }

  private push(instant: number): void {
    const { instants } = this;
    let at = instants.length;
    instants.push(instant);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = instants[parent] ?? 0;
      if (above <= instant) break;
      instants[at] = above;
      at = parent;
    }
    instants[at] = instant;
  }

  private pop(): number | undefined {
    const { instants } = this;
    const [first] = instants;
    const moved = instants.pop();
    if (moved === undefined || instants.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= instants.length) break;
      if ((instants[child + 1] ?? Infinity) < (instants[child] ?? Infinity)) child++;
      const below = instants[child] ?? Infinity;
      if (below >= moved) break;
      instants[at] = below;
      at = child;
    }
    instants[at] = moved;
    return first;
  }
}

/** All microtasks have run, and those that they made. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
