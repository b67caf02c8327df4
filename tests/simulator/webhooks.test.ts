import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HOUR, MINUTE, openSimulator, testClock, until, type Opened, type Reply, type TestClock } from './open-simulator.ts';
import { numberAt, rowsAt, textAt } from './read.ts';
import { openReceiver, type Received, type Receiver } from './receiver.ts';

const ALL = {
  events: { subscribe: true, unsubscribe: true, profile: true, cleaned: true, upemail: true, campaign: true },
  sources: { user: true, admin: true, api: true },
};

describe('webhooks', () => {
  let clock: TestClock;
  let opened: Opened;
  let receiver: Receiver;

  beforeEach(async () => {
    clock = testClock();
    opened = await openSimulator({ clock });
    receiver = await openReceiver();
  });
  afterEach(async () => {
    await opened.close();
    await receiver.close();
  });

  const hooks = (): string => `/lists/${opened.listId}/webhooks`;
  const create = (path = '/in', flags: object = ALL): Promise<Reply> =>
    opened.api('POST', hooks(), { url: `${receiver.url}${path}`, ...flags });
  const leave = async (): Promise<string> =>
    textAt((await opened.control('POST', `/lists/${opened.listId}/burst`, { count: 1 })).body, 'emails.0');
  const arrived = (count: number): Promise<void> => until(`${count} deliveries came`, () => receiver.posts().length >= count);
  const isDisabled = async (): Promise<boolean> => {
    const [hook] = rowsAt((await opened.control('GET', '/hooks')).body, 'hooks');
    return textAt(hook, 'disabled') !== '';
  };
  const attempts = async (id: string): Promise<number> => numberAt((await pending(id))[0], 'attempt');
  const pending = async (id: string): Promise<unknown[]> =>
    rowsAt((await opened.control('GET', `/hooks/${id}/deliveries`)).body, 'pending');

  it('asks the URL before it accepts it', async () => {
    const made = await create();
    expect(made).toMatchObject({ status: 200, body: { ...ALL, url: `${receiver.url}/in`, list_id: opened.listId } });
    expect(receiver.received).toMatchObject([
      { method: 'GET', url: '/in', headers: { 'user-agent': 'MailChimp.com WebHook Validator' } },
    ]);
  });

  it.each([404, 500, 302, 204])('refuses a URL that answers %i', async (status) => {
    receiver.answer = () => status;
    expect(await create()).toMatchObject({ status: 400, body: { title: 'Invalid Resource' } });
    expect(textAt((await create()).body, 'detail')).toContain(`HTTP Code: ${status}`);
    expect((await opened.api('GET', hooks())).body).toMatchObject({ webhooks: [], total_items: 0, list_id: opened.listId });
  });

  it('tells two URLs apart by more than their query', async () => {
    expect((await create('/in?a=1')).status).toBe(200);
    const second = await create('/in?a=2');
    expect(second).toMatchObject({ status: 400, body: { title: 'Invalid Resource' } });
    expect(second.text).toContain("can't set up multiple WebHooks for one URL");
    expect((await create('/other')).status).toBe(200);
  });

  it('shows the secret in the answer to the creation only', async () => {
    const made = await create();
    const id = textAt(made.body, 'id');
    const secret = textAt(made.body, 'signing_secret');
    expect(secret).not.toBe('');
    const others = [
      await opened.api('GET', hooks()),
      await opened.api('GET', `${hooks()}/${id}`),
      await opened.api('PATCH', `${hooks()}/${id}`, { events: { cleaned: false } }),
      await opened.control('GET', '/hooks'),
      await opened.control('GET', '/state'),
    ];
    for (const reply of others) expect(reply.text).not.toContain(secret);
  });

  it('signs the raw body with the real time', async () => {
    const secret = textAt((await create()).body, 'signing_secret');
    const email = await leave();
    await arrived(1);
    const [post] = receiver.posts();
    expect(post?.headers).toMatchObject({ 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'MailChimp.com' });
    expect(isSigned(post, secret)).toBe(true);
    expect(isSigned(post, `${secret}x`)).toBe(false);
    expect(Math.abs(Date.now() / 1000 - signedAt(post))).toBeLessThan(30);
    expect(Object.fromEntries(post?.form ?? [])).toMatchObject({
      type: 'unsubscribe',
      fired_at: '2026-09-21 06:03:17',
      'data[action]': 'unsub',
      'data[reason]': 'manual',
      'data[email]': email,
      'data[list_id]': opened.listId,
      'data[merges][EMAIL]': email,
    });
  });

  it('can be told to sign with a wrong time, with another secret, or not at all', async () => {
    const made = await create();
    const id = textAt(made.body, 'id');
    const secret = textAt(made.body, 'signing_secret');
    await opened.control('POST', '/settings', { signatureSkewMs: -10 * MINUTE });
    await leave();
    await arrived(1);
    await opened.control('POST', `/hooks/${id}/rotate-secret`);
    await leave();
    await arrived(2);
    await opened.control('POST', `/hooks/${id}/unsign`);
    await leave();
    await arrived(3);
    const [late, rotated, unsigned] = receiver.posts();
    expect(isSigned(late, secret)).toBe(true);
    expect(Date.now() / 1000 - signedAt(late)).toBeGreaterThan(590);
    expect(isSigned(rotated, secret)).toBe(false);
    expect(unsigned?.headers).not.toHaveProperty('x-mailchimp-signature');
  });

  it('makes unsigned hooks when signing is off', async () => {
    await opened.control('POST', '/settings', { signWebhooks: false });
    const made = await create();
    expect(made.body).toMatchObject({ signing_enabled: false });
    expect(made.body).not.toHaveProperty('signing_secret');
    await leave();
    await arrived(1);
    expect(receiver.posts()[0]?.headers).not.toHaveProperty('x-mailchimp-signature');
  });

  it('tries again when the next attempt is due, signed anew', async () => {
    const made = await create();
    const id = textAt(made.body, 'id');
    receiver.answer = () => 500;
    await leave();
    await until('the failure was noted', async () => (await attempts(id)) === 1);
    clock.advance(MINUTE - 1);
    await opened.control('GET', '/state');
    expect(receiver.posts()).toHaveLength(1);
    receiver.answer = () => 200;
    await opened.control('POST', '/settings', { signatureSkewMs: 5_000 });
    clock.advance(1);
    await arrived(2);
    const [first, second] = receiver.posts();
    expect(second?.raw.equals(first?.raw ?? Buffer.alloc(0))).toBe(true);
    expect(isSigned(second, textAt(made.body, 'signing_secret'))).toBe(true);
    expect(signedAt(second)).toBeGreaterThan(signedAt(first));
    await until('nothing is pending', async () => (await pending(id)).length === 0);
  });

  it('gives up after seventy-five minutes', async () => {
    const id = textAt((await create()).body, 'id');
    receiver.answer = () => 503;
    await leave();
    for (const [index, minutes] of [1, 4, 10, 15, 30, 15].entries()) {
      await until(`attempt ${index + 1} failed`, async () => (await attempts(id)) === index + 1);
      clock.advance(minutes * MINUTE - 1);
      await opened.control('GET', '/state');
      expect(receiver.posts()).toHaveLength(index + 1);
      clock.advance(1);
    }
    await until('the delivery was given up', async () => (await pending(id)).length === 0);
    expect(receiver.posts()).toHaveLength(7);
    expect(await isDisabled()).toBe(false);
  });

  it('switches a hook off that answers 410, and says nothing about it', async () => {
    const id = textAt((await create()).body, 'id');
    receiver.answer = () => 410;
    await leave();
    await until('the hook was disabled', isDisabled);
    expect((await opened.api('GET', hooks())).body).toMatchObject({ webhooks: [], total_items: 0 });
    expect((await opened.api('GET', `${hooks()}/${id}`)).status).toBe(404);
    clock.advance(HOUR);
    await leave();
    await opened.control('GET', '/state');
    expect(receiver.posts()).toHaveLength(1);
  });

  it('switches a hook off after too many failures in a row', async () => {
    await create();
    await opened.control('POST', '/settings', { disableAfterFailures: 3, webhookConcurrency: 1 });
    receiver.answer = () => 500;
    await leave();
    await leave();
    await arrived(2);
    expect(await isDisabled()).toBe(false);
    await leave();
    await until('the hook was disabled', isDisabled);
    expect(receiver.posts()).toHaveLength(3);
  });

  it('sends what a hook wants, from the sources it wants', async () => {
    await create('/in', { events: { cleaned: true, unsubscribe: true }, sources: { api: true, admin: true } });
    await leave();
    await opened.control('POST', `/lists/${opened.listId}/burst`, { count: 1, action: 'bounce' });
    await arrived(1);
    await opened.control('POST', `/lists/${opened.listId}/burst`, { count: 1, source: 'api' });
    await arrived(2);
    expect(receiver.posts().map(({ form }) => form.get('type'))).toEqual(['cleaned', 'unsubscribe']);
    expect(receiver.posts()[0]?.form.get('data[reason]')).toBe('hard');
  });

  it('can repeat itself', async () => {
    await create();
    await opened.control('POST', '/settings', { dupRate: 1 });
    await leave();
    await arrived(2);
    const [first, second] = receiver.posts();
    expect(second?.raw.equals(first?.raw ?? Buffer.alloc(0))).toBe(true);
  });

  it('can mix up the order', async () => {
    await create();
    await opened.control('POST', '/settings', { shuffleWindow: 20, webhookConcurrency: 1 });
    const left = await opened.control('POST', `/lists/${opened.listId}/burst`, { count: 20 });
    await arrived(20);
    const order = receiver.posts().map(({ form }) => form.get('data[email]'));
    expect(new Set(order)).toEqual(new Set(rowsAt(left.body, 'emails')));
    expect(order).not.toEqual(rowsAt(left.body, 'emails'));
  });
});

const parts = (post: Received | undefined): RegExpExecArray | null =>
  /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(post?.headers['x-mailchimp-signature']));
const signedAt = (post: Received | undefined): number => Number(parts(post)?.[1]);

function isSigned(post: Received | undefined, secret: string): boolean {
  const [, t = '', v1] = parts(post) ?? [];
  const message = Buffer.concat([Buffer.from(`${t}.`), post?.raw ?? Buffer.alloc(0)]);
  return v1 === createHmac('sha256', secret).update(message).digest('hex');
}
