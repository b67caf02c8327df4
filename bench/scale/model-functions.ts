import { FUNCTIONS } from '../../src/contract/manifest.ts';
import { ASSUMED } from './assumptions.ts';
import { count, type Meter } from './meter.ts';
import type { VirtualTime } from './virtual-time.ts';

export type ModelFunction = keyof typeof ASSUMED.cpuMs;

interface Environment<T> {
  app: T;
  /** When it was last in use. */
  usedAt: number;
}

/**
 * The functions of one kind: environments that live on between invocations, cold starts, and what is billed. One environment
 * does one thing at a time.
 */
export class ModelFunctions<T> {
  private readonly idle: Environment<T>[] = [];
  /** Code of environments that are gone: composing it is costly here, and nothing in it outlives ten minutes. */
  private readonly retired: T[] = [];
  private readonly time: VirtualTime;
  private readonly name: ModelFunction;
  private readonly compose: () => T;
  private active = 0;
  /** The most that were at work at once. */
  peak = 0;
  /** Invocations that lasted longer than they may. */
  tooLong = 0;

  constructor(time: VirtualTime, name: ModelFunction, compose: () => T) {
    [this.time, this.name, this.compose] = [time, name, compose];
  }

  /** @param work throws as the handler would */
  async invoke(meter: Meter, work: (app: T) => Promise<void>): Promise<void> {
    const begun = this.time.now();
    const warm = this.takeIdle(begun);
    const { memoryMb, timeoutSeconds } = FUNCTIONS[this.name];
    this.peak = Math.max(this.peak, ++this.active);
    count(meter.invocations, this.name);
    if (!warm) {
      meter.coldStarts++;
      await this.time.sleep(ASSUMED.coldStartMs);
    }
    const environment = warm ?? { app: this.retired.pop() ?? this.compose(), usedAt: begun };
    try {
      await work(environment.app);
    } finally {
      await this.time.sleep(ASSUMED.cpuMs[this.name]);
      const ms = this.time.now() - begun;
      if (ms > timeoutSeconds * 1_000) this.tooLong++;
      count(meter.gbSeconds, this.name, (memoryMb / 1_024) * (ms / 1_000));
      environment.usedAt = this.time.now();
      this.active--;
      this.idle.push(environment);
    }
  }

  private takeIdle(now: number): Environment<T> | undefined {
    const latest = this.idle.pop();
    if (!latest || latest.usedAt > now - ASSUMED.environmentKeptMs) return latest;
    this.retired.push(latest.app, ...this.idle.splice(0).map(({ app }) => app));
    return undefined;
  }
}
