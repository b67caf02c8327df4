import { until } from './open-simulator.ts';
import { sentCampaign, testQuirks, type Bench } from './quirk-cases.ts';
import { ALL, receiving, hook, happens, posts, fire } from './quirk-hooks.ts';
import { at, textAt } from './read.ts';

/** The fields of the one delivery that an event makes. */
const delivered = (event: (bench: Bench) => Promise<unknown>, fields: readonly string[]): ((bench: Bench) => Promise<unknown>) =>
  receiving(async (bench, receiver) => {
    await hook(bench, receiver.url);
    await event(bench);
    const [first] = await posts(receiver, 1);
    return fields.map((name) => first?.form.get(name));
  });

const typesAfter = (event: (bench: Bench) => Promise<unknown>, flags: object = ALL): ((bench: Bench) => Promise<unknown>) =>
  receiving(async (bench, receiver) => {
    const id = textAt((await hook(bench, receiver.url, flags)).body, 'id');
    await event(bench);
    // Comes last, so that what did not come before it does not come.
    await bench.set({ webhookConcurrency: 1 });
    await bench.control('POST', `/hooks/${id}/fire`, { type: 'end' });
    await until('the last event came', () => receiver.posts().some(({ form }) => form.get('type') === 'end'));
    return receiver
      .posts()
      .map(({ form }) => form.get('type'))
      .filter((type) => type !== 'end');
  });

testQuirks('events', [
  [
    'form-encoded-deliveries',
    receiving(async (bench, receiver) => {
      await hook(bench, receiver.url);
      const email = await bench.someone();
      await happens(bench, email, 'unsubscribe');
      const [first] = await posts(receiver, 1);
      const raw = first?.raw.toString() ?? '';
      const json: unknown = raw.startsWith('{') ? JSON.parse(raw) : undefined;
      return [
        first?.headers['content-type'],
        first?.form.get('data[merges][EMAIL]') === email,
        at(json, 'data.merges.EMAIL') === email,
      ];
    }),
    ['application/x-www-form-urlencoded', true, false],
    ['application/json', false, true],
  ],
  [
    'fired-at-without-zone',
    receiving(async (bench, receiver) => {
      await fire(bench, textAt((await hook(bench, receiver.url)).body, 'id'));
      const [first] = await posts(receiver, 1);
      return first?.form.get('fired_at')?.replace(/\d/g, '0');
    }),
    '0000-00-00 00:00:00',
    '0000-00-00T00:00:00+00:00',
  ],
  [
    'campaign-events-ignore-sources',
    typesAfter((bench) => sentCampaign(bench).then(() => bench.api('GET', '/ping')), {
      events: { campaign: true },
      sources: { user: true, admin: false, api: false },
    }),
    ['campaign'],
    [],
  ],
  [
    'own-changes-echo',
    typesAfter(async (bench) => {
      const { listId } = bench;
      return bench.api('PATCH', `/lists/${listId}/members/${await bench.someone()}`, { vip: true });
    }),
    ['profile'],
    [],
  ],
  [
    'webhook-id-is-not-the-path-id',
    receiving(async (bench, receiver) => {
      await hook(bench, receiver.url);
      await happens(bench, await bench.someone(), 'unsubscribe');
      const [first] = await posts(receiver, 1);
      return (await bench.api('GET', `/lists/${bench.listId}/members/${first?.form.get('data[id]') ?? ''}`)).status;
    }),
    404,
    200,
  ],
  [
    'upemail-names-nobody',
    receiving(async (bench, receiver) => {
      await hook(bench, receiver.url);
      await happens(bench, await bench.someone(), 'change-email', { newEmail: 'new@readers.test' });
      await posts(receiver, 2);
      const upemail = receiver.posts().find(({ form }) => form.get('type') === 'upemail');
      return [upemail?.form.has('data[id]'), upemail?.form.get('data[email]'), upemail?.form.get('data[new_email]')];
    }),
    [false, null, 'new@readers.test'],
    [true, 'new@readers.test', 'new@readers.test'],
  ],
  [
    'upemail-comes-with-profile',
    async (bench) => {
      const see = typesAfter(async () => happens(bench, await bench.someone(), 'change-email', { newEmail: 'new@readers.test' }));
      const types: unknown = await see(bench);
      return Array.isArray(types) ? types.toSorted() : types;
    },
    ['profile', 'upemail'],
    ['upemail'],
  ],
  [
    'cleaned-has-no-id',
    receiving(async (bench, receiver) => {
      await hook(bench, receiver.url);
      await happens(bench, await bench.someone(), 'bounce');
      const [first] = await posts(receiver, 1);
      return [first?.form.get('type'), first?.form.has('data[id]'), first?.form.has('data[email]')];
    }),
    ['cleaned', false, true],
    ['cleaned', true, true],
  ],
  [
    'archiving-looks-like-leaving',
    delivered(async (bench) => happens(bench, await bench.someone(), 'archive'), ['type', 'data[action]']),
    ['unsubscribe', 'delete'],
    ['unsubscribe', 'archive'],
  ],
  [
    'complaints-look-like-leaving',
    delivered(async (bench) => happens(bench, await bench.someone(), 'complain'), ['type', 'data[reason]']),
    ['unsubscribe', 'abuse'],
    ['cleaned', 'abuse'],
  ],
  [
    'forgotten-have-another-address',
    receiving(async (bench, receiver) => {
      await hook(bench, receiver.url);
      const email = await bench.someone();
      await happens(bench, email, 'forget');
      const [first] = await posts(receiver, 1);
      const told = first?.form.get('data[email]') ?? '';
      return [told === email, told.endsWith('@forgotten.mailchimp.com')];
    }),
    [false, true],
    [true, false],
  ],
]);
