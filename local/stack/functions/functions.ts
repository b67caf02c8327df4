import { join } from 'node:path';
import type { StackClock } from '../clock/stack-clock.ts';
import type { Counters } from '../counts/stack-counts.ts';
import { makeFunctionHost, type FunctionHost } from './function-host.ts';

export interface FunctionsOptions<F extends string> {
  specs: Readonly<Record<F, { timeoutSeconds: number; memoryMb: number }>>;
  worker: string;
  bundles: Readonly<Record<string, string>>;
  environmentOf: (name: F) => Record<string, string>;
  logFolder: string;
  clock: StackClock;
  counters: Counters;
}

/** Every function of a stack, by name. */
export interface Functions<F extends string> {
  invoke: (name: F, event: object) => Promise<unknown>;
  /** Loads every bundle, one after the other, so that requests that come meanwhile find a free core. */
  warm(first: F): Promise<void>;
  inFlight(): number;
  close(): Promise<void>;
}

export function makeFunctions<F extends string>(options: FunctionsOptions<F>): Functions<F> {
  const { specs, bundles } = options;
  const names = Object.keys(specs).filter((name): name is F => Object.hasOwn(specs, name));
  const hosts = new Map<F, FunctionHost>(
    names.map((name) => {
      const bundle = bundles[name];
      if (bundle === undefined) throw new Error(`There is no bundle of the function ${name}.`);
      const host = makeFunctionHost({
        name,
        bundle,
        worker: options.worker,
        env: options.environmentOf(name),
        timeoutMs: specs[name].timeoutSeconds * 1000,
        memoryMb: specs[name].memoryMb,
        logFile: join(options.logFolder, `${name}.log`),
        clock: options.clock,
      });
      return [name, host];
    }),
  );
  return {
    invoke: async (name, event) => {
      const host = hosts.get(name);
      if (host === undefined) throw new Error(`There is no function ${name}.`);
      try {
        const result = await host.invoke(event);
        options.counters.invoked(name, false);
        return result;
      } catch (error) {
        options.counters.invoked(name, true);
        throw error;
      }
    },
    warm: async (first) => {
      await hosts.get(first)?.warm();
      for (const host of hosts.values()) await host.warm();
    },
    inFlight: () => [...hosts.values()].reduce((total, host) => total + host.inFlight(), 0),
    close: async () => {
      await Promise.all([...hosts.values()].map((host) => host.close()));
    },
  };
}
