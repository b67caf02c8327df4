import { until, type Reply } from './open-simulator.ts';
import type { Bench } from './quirk-cases.ts';
import { rowsAt } from './read.ts';
import { openReceiver, type Received, type Receiver } from './receiver.ts';

/** Every event, from everybody. */
export const ALL = {
  events: { subscribe: true, unsubscribe: true, profile: true, cleaned: true, upemail: true, campaign: true },
  sources: { user: true, admin: true, api: true },
};

/** Looks at a quirk with a receiver of its own. */
export const receiving =
  (look: (bench: Bench, receiver: Receiver) => Promise<unknown>) =>
  async (bench: Bench): Promise<unknown> => {
    const receiver = await openReceiver();
    try {
      return await look(bench, receiver);
    } finally {
      await receiver.close();
    }
  };

export const hook = ({ api, listId }: Bench, url: string, flags: object = ALL): Promise<Reply> =>
  api('POST', `/lists/${listId}/webhooks`, { url, ...flags });

export const happens = ({ control, listId }: Bench, email: string, event: string, body: object = {}): Promise<Reply> =>
  control('POST', `/members/${listId}/${email}/${event}`, body);

export const posts = async (receiver: Receiver, count: number): Promise<Received[]> => {
  await until(`${count} deliveries came`, () => receiver.posts().length >= count);
  return receiver.posts();
};

/** What is left to deliver once nothing is under way any more. */
export const settled = async ({ control }: Bench, id: string, attempts: number): Promise<unknown[]> => {
  let deliveries: unknown;
  await until(`${attempts} attempts were made`, async () => {
    deliveries = (await control('GET', `/hooks/${id}/deliveries`)).body;
    return rowsAt(deliveries, 'attempts').length >= attempts;
  });
  return rowsAt(deliveries, 'pending');
};

export const fire = async (bench: Bench, id: string, times = 1): Promise<void> => {
  for (let index = 0; index < times; index += 1) {
    await bench.control('POST', `/hooks/${id}/fire`, { type: 'profile', data: { email: `${index}@readers.test` } });
  }
};
