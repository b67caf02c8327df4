import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSimulator, until, type Opened } from './open-simulator.ts';
import { ALL } from './quirk-hooks.ts';
import { textAt } from './read.ts';
import { openReceiver, type Receiver } from './receiver.ts';

const [, section = ''] = /\n### Webhooks\n([\s\S]*?)\n### /.exec(readFileSync('local/simulator/README.md', 'utf8')) ?? [];
const [, table = ''] = section.split(/^\|[-|]+\|$/m);
const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
const [, memberText = ''] = /\nThe member is ([^.]+)\./.exec(section) ?? [];
const rows = [...table.matchAll(/^\| `(\w+)` +\|[^|]*\| ([^|]+?) +\|$/gm)].map(([, type = '', keys = '']) => ({
  type,
  keys: keys.split(', ').flatMap((key) => quoted(key === 'the member' ? memberText : key)),
}));

describe('what the README says webhooks carry', () => {
  let opened: Opened;
  let receiver: Receiver;

  beforeAll(async () => {
    [opened, receiver] = [await openSimulator(), await openReceiver()];
    const { api, control, listId } = opened;
    await api('POST', `/lists/${listId}/webhooks`, { url: receiver.url, ...ALL });
    const one = (name: string, action: string, body = {}): Promise<unknown> =>
      control('POST', `/members/${listId}/${name}@readers.test/${action}`, body);
    await one('mona.kvist.0', 'unsubscribe');
    await one('mona.kvist.0', 'resubscribe');
    await one('anders.kvist.1', 'change-email', { newEmail: 'anders@elsewhere.test' });
    await one('ingrid.kvist.2', 'bounce');
    const { simulator } = opened;
    const campaign = { settings: { subject_line: 'Rye', from_name: 'Harbor Lane', reply_to: 'hello@harborlane.test' } };
    const made = await api('POST', '/campaigns', { type: 'regular', recipients: { list_id: listId }, ...campaign });
    const id = textAt(made.body, 'id');
    await api('PUT', `/campaigns/${id}/content`, { html: '<p>Rye <a href="*|UNSUB|*">leave</a></p>' });
    await api('POST', `/campaigns/${id}/actions/send`);
    await simulator.advance({ minutes: 5 });
    await until('all of it was delivered', () => receiver.posts().length >= 6);
  });
  afterAll(async () => {
    await receiver.close();
    await opened.close();
  });

  it('has every type', () => {
    expect(rows.map(({ type }) => type).toSorted()).toEqual(Object.keys(ALL.events).toSorted());
  });

  it.each(rows)('$type comes with these keys', ({ type, keys }) => {
    const post = receiver.posts().find(({ form }) => form.get('type') === type);
    const names = [...(post?.form.keys() ?? [])];
    const data = names.filter((name) => name.startsWith('data'));
    const written = keys.map((key) => `data[${key.replace(/^\w+/, '$&]')}`);
    expect(names.filter((name) => !data.includes(name))).toEqual(['type', 'fired_at']);
    expect(data.toSorted()).toEqual(written.toSorted());
    expect(post?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'x-mailchimp-signature': expect.stringMatching(/^t=\d+,v1=[0-9a-f]{64}$/),
    });
  });
});
