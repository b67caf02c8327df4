import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HOUR, MINUTE, openSimulator, testClock, until, type Opened } from './open-simulator.ts';
import { at, columnAt, numberAt, rowsAt, textAt } from './read.ts';
import { openReceiver, type Receiver } from './receiver.ts';
import type { OperationName, VendorClient } from './vendor-operations.ts';

const SETTINGS = { subject_line: 'Autumn loaves', title: 'autumn', from_name: 'Harbor Lane', reply_to: 'hello@harborlane.test' };
const HTML = '<p>Rye</p><p><a href="*|UNSUB|*">leave</a></p>';
const MEMBERS = 2_500;

const md5 = (text: string): string => createHash('md5').update(text.toLowerCase()).digest('hex');

/** What a client library that knows nothing of the simulator must be able to do with it. */
export function describeVendorClient(name: string, open: (opened: Opened) => VendorClient): void {
  describe(`${name}, from the making of a campaign to its end`, () => {
    const clock = testClock();
    let opened: Opened;
    let receiver: Receiver;
    let client: VendorClient;
    let listId: string;

    beforeAll(async () => {
      opened = await openSimulator({ clock });
      receiver = await openReceiver();
      client = open(opened);
      ({ listId } = opened);
    });
    afterAll(async () => {
      await opened.close();
      await receiver.close();
    });

    const problemOf = async (operation: OperationName, ids: readonly string[], given?: object): Promise<unknown> => {
      const error = await client(operation, ids, given).then(
        () => new Error(`${operation} was not refused`),
        (failure: unknown) => failure,
      );
      return at(error, 'response.body') ?? error;
    };
    const draft = async (): Promise<string> => {
      const made = await client('createCampaign', [], { type: 'regular', recipients: { list_id: listId }, settings: SETTINGS });
      const id = textAt(made, 'id');
      await client('setContent', [id], { html: HTML });
      return id;
    };
    const statusOf = async (id: string): Promise<string> => textAt(await client('getCampaign', [id]), 'status');

    it('drafts a campaign, fills it and has it checked and tried', async () => {
      const made = await client('createCampaign', [], { type: 'regular', recipients: { list_id: listId }, settings: SETTINGS });
      const id = textAt(made, 'id');
      expect(made).toMatchObject({ status: 'save', send_time: '', settings: SETTINGS, recipients: { list_id: listId } });
      expect(await client('getChecklist', [id])).toMatchObject({ is_ready: false });
      expect(await problemOf('send', [id])).toMatchObject({ status: 400, detail: 'Your Campaign is not ready to send.' });
      expect(await client('setContent', [id], { html: HTML })).toMatchObject({ html: HTML, plain_text: 'Rye\nleave' });
      expect(await client('getChecklist', [id])).toMatchObject({ is_ready: true });
      await client('sendTest', [id], { test_emails: ['ines@harborlane.test'], send_type: 'html' });
      expect(await statusOf(id)).toBe('save');
    });

    it('plans a campaign, takes that back, sends it once and once only', async () => {
      const id = await draft();
      const quarter = Math.ceil((clock.now() + HOUR) / (15 * MINUTE)) * 15 * MINUTE;
      const odd = new Date(quarter + MINUTE).toISOString();
      expect(await problemOf('schedule', [id], { schedule_time: odd })).toMatchObject({ status: 400, title: 'Bad Request' });
      await client('schedule', [id], { schedule_time: new Date(quarter).toISOString() });
      expect(await statusOf(id)).toBe('schedule');
      await client('unschedule', [id]);
      expect(await statusOf(id)).toBe('save');
      await client('send', [id]);
      expect(await statusOf(id)).toBe('sending');
      expect(textAt(await problemOf('send', [id]), 'detail')).toMatch(/^Cannot sen/);
      expect(await problemOf('deleteCampaign', [id])).toMatchObject({ status: 405, title: 'Method Not Allowed' });
      clock.advance(MINUTE);
      expect(await statusOf(id)).toBe('sent');
      expect(textAt(await problemOf('send', [id]), 'detail')).toMatch(/^Cannot sen/);
      expect(columnAt(await client('listCampaigns', [], { status: 'sent' }), 'campaigns', 'id')).toEqual([id]);
      expect(await client('getReport', [id])).toMatchObject({ id, emails_sent: 50, subject_line: 'Autumn loaves' });
    });

    it('replicates a campaign, and deletes both', async () => {
      const id = await draft();
      const copy = await client('replicate', [id]);
      expect(copy).toMatchObject({ status: 'save', settings: { title: 'autumn (copy 01)', subject_line: 'Autumn loaves' } });
      expect(textAt(copy, 'id')).not.toBe(id);
      expect(await client('getChecklist', [textAt(copy, 'id')])).toMatchObject({ is_ready: true });
      for (const gone of [id, textAt(copy, 'id')]) {
        await client('deleteCampaign', [gone]);
        expect(await problemOf('getCampaign', [gone])).toMatchObject({ status: 404, title: 'Resource Not Found' });
      }
    });

    it('stops a campaign under way where the plan allows it', async () => {
      const id = await draft();
      await client('send', [id]);
      expect(await problemOf('cancelSend', [id])).toMatchObject({ status: 403 });
      await opened.control('PATCH', `/accounts/${opened.accountId}`, { proEnabled: true });
      await client('cancelSend', [id]);
      expect(await statusOf(id)).toBe('canceled');
    });

    it('pages through many members and meets each of them once', async () => {
      const made = await opened.control('POST', '/lists', { name: 'Many', members: { subscribed: MEMBERS } });
      const many = textAt(made.body, 'lists.0.id');
      const pages: unknown[] = [];
      for (let offset = 0; offset < MEMBERS; offset += 1_000) {
        const query = { count: 1_000, offset, status: 'subscribed', sort_field: 'last_changed', sort_dir: 'ASC' };
        pages.push(await client('listMembers', [many], query));
      }
      expect(pages.map((page) => [rowsAt(page, 'members').length, numberAt(page, 'total_items')])).toEqual([
        [1_000, MEMBERS],
        [1_000, MEMBERS],
        [500, MEMBERS],
      ]);
      expect(new Set(pages.flatMap((page) => columnAt(page, 'members', 'id'))).size).toBe(MEMBERS);
    });

    it('registers a webhook, whose delivery comes and is signed with its secret', async () => {
      const flags = { events: { unsubscribe: true }, sources: { user: true, admin: true, api: true } };
      const hook = await client('createHook', [listId], { url: `${receiver.url}/life`, ...flags });
      const email = 'piet.holm@harborlane.test';
      await client('addMember', [listId], { email_address: email, status: 'subscribed' });
      await client('updateMember', [listId, md5(email)], { status: 'unsubscribed' });
      await until('the delivery came', () => receiver.posts().length > 0);
      const [delivery] = receiver.posts();
      expect(Object.fromEntries(delivery?.form ?? [])).toMatchObject({ type: 'unsubscribe', 'data[email]': email });
      const [, time = '', signature] = /^t=(\d+),v1=(\w+)$/.exec(String(delivery?.headers['x-mailchimp-signature'])) ?? [];
      const signed = createHmac('sha256', textAt(hook, 'signing_secret'))
        .update(`${time}.`)
        .update(delivery?.raw ?? '');
      expect(signature).toBe(signed.digest('hex'));
      const listed = await client('listHooks', [listId]);
      expect(columnAt(listed, 'webhooks', 'id')).toEqual([textAt(hook, 'id')]);
      expect(columnAt(listed, 'webhooks', 'signing_secret')).toEqual([undefined]);
      await client('deleteHook', [listId, textAt(hook, 'id')]);
      expect(await client('listHooks', [listId])).toMatchObject({ webhooks: [], total_items: 0 });
    });

    it('hears which fields are wrong, and what is not there', async () => {
      const recipients = { list_id: '0000000000' };
      expect(await problemOf('createCampaign', [], { type: 'regular', recipients })).toMatchObject({
        status: 400,
        title: 'Invalid Resource',
        errors: [{ field: 'recipients.list_id', message: expect.any(String) }],
      });
      expect(await problemOf('addMember', [listId], { status: 'subscribed' })).toMatchObject({
        errors: [{ field: '', message: 'Required fields were not provided: email_address' }],
      });
      expect(await problemOf('getList', ['0000000000'])).toMatchObject({ status: 404, title: 'Resource Not Found' });
      expect(await problemOf('getReport', [await draft()])).toMatchObject({ status: 404 });
    });

    it('hears that only the person can come back', async () => {
      const email = 'rosa.lind@harborlane.test';
      const subscribed = { email_address: email, status: 'subscribed' };
      await client('addMember', [listId], subscribed);
      expect(await problemOf('addMember', [listId], subscribed)).toMatchObject({ status: 400, title: 'Member Exists' });
      await client('updateMember', [listId, md5(email)], { status: 'unsubscribed' });
      const title = 'Member In Compliance State';
      expect(await problemOf('updateMember', [listId, md5(email)], { status: 'subscribed' })).toMatchObject({
        status: 400,
        title,
      });
      await client('eraseMember', [listId, md5(email)]);
      const forgotten = { status: 400, title: 'Forgotten Email Not Subscribed' };
      expect(await problemOf('addMember', [listId], subscribed)).toMatchObject(forgotten);
    });

    it('is refused at the eleventh simultaneous call', async () => {
      let release: (status: number) => void = () => undefined;
      const held = new Promise<number>((resolve) => (release = resolve));
      // The vendor asks the URL of a new webhook within the call, which lasts as long as that takes.
      receiver.answer = () => held;
      const before = receiver.received.length;
      const slow = Array.from({ length: 10 }, (_, index) =>
        client('createHook', [listId], { url: `${receiver.url}/slow/${index}`, events: {}, sources: {} }),
      );
      await until('ten calls are under way', () => receiver.received.length === before + 10);
      expect(await problemOf('ping', [])).toMatchObject({ status: 429, title: 'Too Many Requests' });
      release(200);
      expect(await Promise.all(slow)).toHaveLength(10);
      expect(await client('ping')).toMatchObject({ health_status: "Everything's Chimpy!" });
    });
  });
}
