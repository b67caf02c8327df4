import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { writeAtomically } from '../state/write-atomically.ts';

/** The time of one stack: real time plus an offset that only grows, shared with every worker. */
export interface StackClock {
  /** Milliseconds since the epoch. */
  now(): number;
  offsetMs(): number;
  /** A BigInt64Array of one element over this buffer holds the offset; workers read it without asking. */
  readonly shared: SharedArrayBuffer;
  /** Moves the clock forward; a smaller offset than the present one is ignored. */
  moveTo(offsetMs: number): void;
  /** Called after every move. Returns what ends the subscription. */
  onMove(listener: () => void): () => void;
}

const stored = z.object({ offsetMs: z.number().int().min(0) });

/** Opens the clock whose offset is kept in `file`; without a file it is forgotten at the end. */
export function openClock(file?: string): StackClock {
  const shared = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const offset = new BigInt64Array(shared);
  const listeners = new Set<() => void>();
  if (file !== undefined && existsSync(file)) {
    Atomics.store(offset, 0, BigInt(stored.parse(JSON.parse(readFileSync(file, 'utf8'))).offsetMs));
  }
  const offsetMs = (): number => Number(Atomics.load(offset, 0));
  return {
    shared,
    offsetMs,
    now: () => Date.now() + offsetMs(),
    moveTo: (to) => {
      if (to <= offsetMs()) return;
      const whole = Math.ceil(to);
      if (file !== undefined) writeAtomically(file, `${JSON.stringify({ offsetMs: whole })}\n`);
      Atomics.store(offset, 0, BigInt(whole));
      for (const listener of listeners) listener();
    },
    onMove: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
