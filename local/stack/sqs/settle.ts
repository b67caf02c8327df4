import type { Queue } from './queue.ts';

/**
 * Waits until no queue has anything to receive or in work, or until nothing has moved for `atMostMs` of real time: the work
 * of many tenants may take long, and time must not jump in the middle of it. Messages that wait for a later moment do not
 * count: otherwise a reminder for tomorrow would never let go.
 */
export async function settleQueues(queues: readonly Queue[], atMostMs: number): Promise<void> {
  const busy = (): boolean => queues.some((queue) => queue.isBusy());
  // A consumer's last statement may have sent a message that is just being written.
  await new Promise((resolve) => setImmediate(resolve));
  if (!busy()) return;
  await new Promise<void>((resolve) => {
    const stops = queues.map((queue) =>
      queue.onChange(() => {
        if (busy()) timer.refresh();
        else done();
      }),
    );
    const timer = setTimeout(() => done(), atMostMs);
    const done = (): void => {
      clearTimeout(timer);
      for (const stop of stops) stop();
      resolve();
    };
  });
}
