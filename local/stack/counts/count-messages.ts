import type { Queue } from '../sqs/queue.ts';
import type { Counters } from './stack-counts.ts';

/** A queue whose messages are counted under its own name. */
export const countMessages = (queue: Queue, counters: Counters): Queue => ({
  ...queue,
  send: async (message) => {
    const sent = await queue.send(message);
    counters.queued(queue.name, sent.isNew ? 'sent' : 'repeated');
    return sent;
  },
  receive: async (options) => {
    const taken = await queue.receive(options);
    if (taken.length > 0) counters.queued(queue.name, 'received', taken.length);
    return taken;
  },
});
