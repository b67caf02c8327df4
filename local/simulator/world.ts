import type { Slots } from './authentication.ts';
import type { Calls } from './calls.ts';
import type { Deliverer } from './deliveries.ts';
import type { Faults } from './faults.ts';
import type { Exchange } from './public-interface.ts';
import type { Simulation } from './state.ts';

/** The parts of a running simulator that are not remembered across restarts, around the ones that are. */
export interface World {
  readonly sim: Simulation;
  readonly faults: Faults;
  readonly calls: Calls;
  readonly slots: Slots;
  readonly deliverer: Deliverer;
  /** Absent when somebody else owns the clock. */
  readonly advanceClock: ((ms: number) => void) | undefined;
  /** Begins anew with that seed; time does not go back. */
  reset(options: { readonly seed?: string | undefined; readonly empty?: boolean | undefined }): void;
  /** Brings everything up to the present time. */
  tick(): void;
  /** Resolves when every change so far would survive a crash. */
  durable(): Promise<void>;
  /** Waits, but not beyond the end of the simulator. */
  readonly sleep: (ms: number) => Promise<void>;
  log(line: string): void;
  /** Present when somebody wants to see every exchange. */
  readonly observe: ((exchange: Exchange) => void) | undefined;
}
