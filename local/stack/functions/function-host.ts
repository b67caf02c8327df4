import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { StackClock } from '../clock/stack-clock.ts';
import { FunctionError } from './function-error.ts';
import { workerMessageSchema, type Invocation, type WorkerData } from './worker-protocol.ts';

/** Lambda's limit for an event and for an answer. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** A bundle that has not loaded by then never will; Lambda gives it 10 s, on a machine with nothing else to do. */
const LOAD_TIMEOUT_MS = 60_000;

export interface FunctionHostOptions {
  name: string;
  /** The file of the bootstrap that runs in the worker. */
  worker: string;
  bundle: string;
  env: Readonly<Record<string, string>>;
  timeoutMs: number;
  loadTimeoutMs?: number;
  memoryMb: number;
  logFile: string;
  clock: StackClock;
}

export interface FunctionHost {
  /** Runs the handler. @throws FunctionError when it gives no answer. */
  invoke: (event: object) => Promise<unknown>;
  /** Loads the bundle before the first event needs it. */
  warm: () => Promise<void>;
  inFlight: () => number;
  close: () => Promise<void>;
}

interface Pending {
  resolve(result: unknown): void;
  reject: (error: FunctionError) => void;
  timer: NodeJS.Timeout;
}

interface Running {
  worker: Worker;
  ready: Promise<void>;
  pending: Map<string, Pending>;
}

/**
 * Runs one function in a worker of its own, several invocations at a time. A worker that crashed or ran out of time is
 * replaced at the next event; what else it was doing fails too, which costs a repetition and no correctness.
 */
export function makeFunctionHost(options: FunctionHostOptions): FunctionHost {
  const { name, timeoutMs, loadTimeoutMs = LOAD_TIMEOUT_MS } = options;
  const workerData: WorkerData = {
    bundle: options.bundle,
    functionName: name,
    memoryMb: options.memoryMb,
    logFile: options.logFile,
    offset: options.clock.shared,
  };
  let running: Running | undefined;
  let closed = false;

  const note = (entry: object): void => {
    try {
      appendFileSync(options.logFile, `${JSON.stringify({ level: 'ERROR', function: name, ...entry })}\n`, { mode: 0o600 });
    } catch {
      // Somebody removed the folder: no reason to take the whole stack down.
    }
  };

  const fail = (worker: Running, error: FunctionError): void => {
    if (running === worker) running = undefined;
    for (const { reject, timer } of worker.pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    worker.pending.clear();
  };

  const start = (): Running => {
    const worker = new Worker(options.worker, { workerData, env: { ...options.env }, execArgv: [], argv: [] });
    const pending = new Map<string, Pending>();
    const started: Running = { worker, pending, ready: Promise.resolve() };
    started.ready = new Promise((resolve, reject) => {
      const loading = setTimeout(() => {
        note({ message: `The bundle did not load within ${loadTimeoutMs} ms.` });
        void worker.terminate();
      }, loadTimeoutMs);
      worker.once('message', () => clearTimeout(loading));
      worker.on('message', (raw: unknown) => {
        const message = workerMessageSchema.parse(raw);
        if (message.type === 'ready') {
          resolve();
          return;
        }
        const waiting = pending.get(message.id);
        if (waiting === undefined) return;
        pending.delete(message.id);
        clearTimeout(waiting.timer);
        if (message.type === 'failure') {
          waiting.reject(new FunctionError('failed', `${message.errorType}: ${message.errorMessage}`));
        } else if (Buffer.byteLength(message.result) > MAX_PAYLOAD_BYTES) {
          waiting.reject(
            new FunctionError('too_large', `Response payload size exceeded the limit of ${MAX_PAYLOAD_BYTES} bytes.`),
          );
        } else {
          waiting.resolve(JSON.parse(message.result));
        }
      });
      worker.on('error', (error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        note({ message: 'The worker crashed.', stack: text });
        fail(started, new FunctionError('crashed', `Runtime exited with error: ${text.split('\n')[0]}`));
        reject(new FunctionError('crashed', text));
      });
      worker.on('exit', () => {
        clearTimeout(loading);
        fail(started, new FunctionError('stopped', 'Runtime exited.'));
        reject(new FunctionError('stopped', 'Runtime exited.'));
      });
    });
    // Whoever invokes hears of it through the invocation.
    started.ready.catch(() => undefined);
    return started;
  };

  const timeOut = (worker: Running): void => {
    const message = `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
    note({ message, alsoInFlight: worker.pending.size - 1 });
    fail(worker, new FunctionError('timed_out', message));
    void worker.worker.terminate();
  };

  return {
    invoke: async (event) => {
      if (closed) throw new FunctionError('stopped', 'The stack is stopping.');
      const text = JSON.stringify(event);
      if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) {
        throw new FunctionError('request_too_large', `Request payload size exceeded the limit of ${MAX_PAYLOAD_BYTES} bytes.`);
      }
      running ??= start();
      const worker = running;
      await worker.ready;
      if (running !== worker) throw new FunctionError('stopped', 'Runtime exited.');
      return new Promise((resolve, reject) => {
        const invocation: Invocation = { id: randomUUID(), event: text, deadline: Date.now() + timeoutMs };
        const timer = setTimeout(() => timeOut(worker), timeoutMs);
        worker.pending.set(invocation.id, { resolve, reject, timer });
        worker.worker.postMessage(invocation);
      });
    },
    warm: async () => {
      if (closed) return;
      running ??= start();
      await running.ready.catch(() => undefined);
    },
    inFlight: () => running?.pending.size ?? 0,
    close: async () => {
      closed = true;
      const worker = running;
      if (worker === undefined) return;
      fail(worker, new FunctionError('stopped', 'The stack is stopping.'));
      await worker.worker.terminate();
    },
  };
}
