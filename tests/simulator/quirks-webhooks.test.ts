import { openHoldingReceiver } from './holding-receiver.ts';
import { MINUTE, until } from './open-simulator.ts';
import { testQuirks, type Bench } from './quirk-cases.ts';
import { receiving, hook, posts, settled, fire } from './quirk-hooks.ts';
import { at, numberAt, rowsAt, textAt } from './read.ts';

const listed = async ({ api, listId }: Bench): Promise<number> =>
  rowsAt((await api('GET', `/lists/${listId}/webhooks`)).body, 'webhooks').length;

const isDisabled = async ({ control }: Bench): Promise<boolean> =>
  textAt((await control('GET', '/hooks')).body, 'hooks.0.disabled') !== '';

/** Whether a hook is disabled after events that its receiver answers so. */
const disabledBy = (status: number, times: number, settings: object = {}): ((bench: Bench) => Promise<unknown>) =>
  receiving(async (bench, receiver) => {
    const id = textAt((await hook(bench, receiver.url)).body, 'id');
    receiver.answer = () => status;
    await bench.set({ webhookConcurrency: 1, ...settings });
    await fire(bench, id, times);
    await settled(bench, id, times);
    return isDisabled(bench);
  });

testQuirks('webhooks', [
  [
    'validation-within-the-call',
    receiving(async (bench, receiver) => {
      receiver.answer = () => 404;
      return [(await hook(bench, receiver.url)).status, receiver.received.length];
    }),
    [400, 1],
    [200, 0],
  ],
  [
    'queries-do-not-tell-hooks-apart',
    receiving(async (bench, { url }) => [
      (await hook(bench, `${url}/in?a=1`)).status,
      (await hook(bench, `${url}/in?a=2`)).status,
    ]),
    [200, 400],
    [200, 200],
  ],
  [
    'signed-unasked',
    receiving(async (bench, receiver) => {
      const made = await hook(bench, receiver.url);
      await fire(bench, textAt(made.body, 'id'));
      const [first] = await posts(receiver, 1);
      return [at(made.body, 'signing_enabled'), first?.headers['x-mailchimp-signature'] !== undefined];
    }),
    [true, true],
    [false, false],
  ],
  [
    'secret-shown-once',
    receiving(async (bench, { url }) => {
      const made = (await hook(bench, url)).body;
      const again = (await bench.api('GET', `/lists/${bench.listId}/webhooks/${textAt(made, 'id')}`)).body;
      return [textAt(made, 'signing_secret') !== '', at(again, 'signing_secret') === at(made, 'signing_secret')];
    }),
    [true, false],
    [true, true],
  ],
  [
    'every-attempt-is-signed-anew',
    receiving(async (bench, receiver) => {
      const id = textAt((await hook(bench, receiver.url)).body, 'id');
      receiver.answer = () => 500;
      await fire(bench, id);
      await settled(bench, id, 1);
      // Signatures go by the real time; this moves it.
      await bench.set({ signatureSkewMs: 600_000 });
      bench.clock.advance(2 * MINUTE);
      const [first, second] = (await posts(receiver, 2)).map(({ headers }) => headers['x-mailchimp-signature']);
      return first === second;
    }),
    false,
    true,
  ],
  [
    'omitted-flags-are-off',
    receiving(async (bench, { url }) => {
      const { body } = await hook(bench, url, { events: { cleaned: true } });
      return [at(body, 'events.cleaned'), at(body, 'events.profile'), at(body, 'sources.api')];
    }),
    [true, false, false],
    [true, true, true],
  ],
  [
    'ten-seconds-to-answer',
    async (bench) => {
      const receiver = await openHoldingReceiver(200);
      try {
        const deadline = numberAt((await bench.control('GET', '/settings')).body, 'webhookTimeoutMs');
        // A receiver that needs twenty seconds, a hundred times as fast.
        await bench.set({ validateHookUrls: false, webhookTimeoutMs: deadline === 10_000 ? 100 : deadline });
        const id = textAt((await hook(bench, receiver.url)).body, 'id');
        await fire(bench, id);
        await settled(bench, id, 1);
        return textAt((await bench.control('GET', `/hooks/${id}/deliveries`)).body, 'attempts.0.outcome');
      } finally {
        await receiver.close();
      }
    },
    'timeout',
    '200',
  ],
  [
    'retries-for-75-minutes',
    receiving(async (bench, receiver) => {
      const id = textAt((await hook(bench, receiver.url)).body, 'id');
      receiver.answer = () => 500;
      await fire(bench, id);
      await settled(bench, id, 1);
      let deliveries: unknown;
      for (const [retry, minutes] of [1, 4, 10, 15, 30, 15].entries()) {
        bench.clock.advance(minutes * MINUTE);
        await until('it was tried again, or nothing is left to deliver', async () => {
          deliveries = (await bench.control('GET', `/hooks/${id}/deliveries`)).body;
          return rowsAt(deliveries, 'pending').length === 0 || rowsAt(deliveries, 'attempts').length === retry + 2;
        });
      }
      return rowsAt(deliveries, 'attempts').length;
    }),
    7,
    1,
  ],
  [
    'deliveries-twice',
    receiving(async (bench, receiver) => {
      await fire(bench, textAt((await hook(bench, receiver.url)).body, 'id'), 10);
      const pending = async (): Promise<number> => Number(at((await bench.control('GET', '/state')).body, 'pendingDeliveries'));
      await until('all were delivered', async () => (await pending()) === 0);
      return receiver.posts().length > 10;
    }),
    true,
    false,
  ],
  [
    'deliveries-out-of-order',
    receiving(async (bench, receiver) => {
      await bench.set({ webhookConcurrency: 1 });
      await hook(bench, receiver.url);
      const burst = await bench.control('POST', `/lists/${bench.listId}/burst`, { count: 10 });
      const came = (await posts(receiver, 10)).map(({ form }) => form.get('data[email]'));
      return came.join() === rowsAt(burst.body, 'emails').join();
    }),
    false,
    true,
  ],
  ['failing-hooks-are-disabled', disabledBy(500, 20), true, false],
  ['half-failing-hooks-are-disabled', disabledBy(500, 4, { disableMinAttempts: 4 }), true, false],
  [
    'disabled-hooks-vanish',
    receiving(async (bench, { url }) => {
      const id = textAt((await hook(bench, url)).body, 'id');
      await bench.control('POST', `/hooks/${id}/disable`);
      return listed(bench);
    }),
    0,
    1,
  ],
  ['410-disables-at-once', disabledBy(410, 1), true, false],
]);
