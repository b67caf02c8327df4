/** The process ended here: what it was about to do does not happen, and nothing it would do afterwards. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Ends a process at the n-th call of a port, counted over all processes; each later process runs undisturbed. */
export interface CrashPlan {
  /** From 1; 0 means never. */
  at: number;
  when: 'before' | 'after';
}

export interface Crashes {
  /** Calls made so far. */
  readonly calls: { made: number };
  /** A process of its own over the same ports: once crashed, every call it makes fails. */
  start<T extends object>(ports: T): T;
}

const isPort = (value: unknown): value is object => typeof value === 'object' && value !== null;

export function planCrash(plan: CrashPlan): Crashes {
  const calls = { made: 0 };
  const wrapPort = <T extends object>(port: T, life: { ended: boolean }): T =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          if (life.ended) throw new Crash();
          const result: unknown = plan.when === 'before' && calls.made + 1 === plan.at ? undefined : Reflect.apply(member, target, args);
          if (!(result instanceof Promise) && result !== undefined) return result;
          if (++calls.made !== plan.at) return result;
          life.ended = true;
          return Promise.resolve(result).then(() => {
            throw new Crash();
          });
        };
      },
    });
  return {
    calls,
    start(ports) {
      const life = { ended: false };
      return new Proxy(ports, {
        get(target, name) {
          const port: unknown = Reflect.get(target, name);
          return isPort(port) && !Array.isArray(port) ? wrapPort(port, life) : port;
        },
      });
    },
  };
}
