/** The process ended here: what it was about to do does not happen, and nothing it would do afterwards. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Ends a process at the n-th awaited call of a port, counted over all processes; later processes run undisturbed. */
export interface CrashPlan {
  /** From 1; 0 means never. */
  at: number;
  /** Whether the call still has its effect. */
  when: 'before' | 'after';
}

/** Decides for every awaited call of a port whether it is the last one of its process. */
export type EndOfLife = () => 'before' | 'after' | null;

/** One process: once it has crashed, every call it makes fails, where it is made. */
export type Wrap = <T extends object>(port: T) => T;

export interface Crashes {
  readonly calls: { made: number };
  startProcess(): Wrap;
}

export function planCrash(plan: CrashPlan): Crashes {
  const calls = { made: 0 };
  return { calls, startProcess: () => startLife(() => (++calls.made === plan.at ? plan.when : null)) };
}

/** A process that lives until it is told otherwise. */
export function startLife(endOfLife: EndOfLife): Wrap {
  const life = { ended: false };
  return (port) =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          if (life.ended) throw new Crash();
          const end = endOfLife();
          if (end) life.ended = true;
          if (end === 'before') throw new Crash();
          const result: unknown = Reflect.apply(member, target, args);
          // Whoever begins another call before awaiting this one, and dies in it, never gets to await it.
          if (result instanceof Promise) result.catch(() => undefined);
          if (!end) return result;
          // What answers at once has ended by now; what takes time has its effect first.
          if (!(result instanceof Promise)) throw new Crash();
          const crash = result.then(() => Promise.reject(new Crash()));
          crash.catch(() => undefined);
          return crash;
        };
      },
    });
}
