import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openSimulator, testClock, until, type Opened, type Reply } from './open-simulator.ts';
import { at, numberAt, textAt } from './read.ts';
import { openReceiver, type Receiver } from './receiver.ts';

const STATUSES = ['subscribed', 'unsubscribed', 'cleaned', 'pending'] as const;
type Status = (typeof STATUSES)[number] | 'archived' | 'forgotten' | 'nobody';

/** What the vendor's documents say of one address, in the fewest words. */
class Naive {
  status: Status = 'nobody';
  /** Left, bounced or complained: only the person may come back. */
  held = false;
  forgotten = false;
  events: string[] = [];

  /** What a client may write. */
  write(status: (typeof STATUSES)[number], how: 'POST' | 'PATCH'): number {
    const present = this.status !== 'nobody' && this.status !== 'forgotten' && this.status !== 'archived';
    if (how === 'POST' && present) return 400;
    if (how === 'PATCH' && (this.status === 'nobody' || this.status === 'forgotten')) return 404;
    if (this.forgotten && status !== this.status && (status === 'subscribed' || status === 'pending')) return 400;
    if (status === 'subscribed' && this.held && this.status !== 'subscribed') return 400;
    if (status !== this.status) {
      if (status === 'subscribed') this.events.push('subscribe');
      if (status === 'unsubscribed') this.events.push('unsubscribe');
      this.held = status === 'subscribed' ? false : this.held || status === 'unsubscribed' || status === 'cleaned';
    } else this.events.push('profile');
    this.status = status;
    return 200;
  }

  archive(): number {
    if (this.status === 'nobody' || this.status === 'forgotten') return 404;
    if (this.status === 'cleaned' || this.status === 'pending' || this.status === 'archived') return 405;
    this.status = 'archived';
    this.events.push('unsubscribe');
    return 204;
  }

  forget(): number {
    if (this.status === 'nobody' || this.status === 'forgotten') return 404;
    this.status = 'forgotten';
    this.forgotten = true;
    this.held = false;
    this.events.push('unsubscribe');
    return 204;
  }

  /** What the person or the vendor does. */
  happen(action: 'unsubscribe' | 'resubscribe' | 'bounce' | 'complain'): number {
    if (this.status === 'nobody' || this.status === 'forgotten') return 404;
    this.status = action === 'resubscribe' ? 'subscribed' : action === 'bounce' ? 'cleaned' : 'unsubscribed';
    this.held = action !== 'resubscribe';
    if (action === 'resubscribe') this.forgotten = false;
    this.events.push(action === 'resubscribe' ? 'subscribe' : action === 'bounce' ? 'cleaned' : 'unsubscribe');
    return 200;
  }
}

const step = fc.oneof(
  fc.record({ what: fc.constant('POST' as const), status: fc.constantFrom(...STATUSES) }),
  fc.record({ what: fc.constant('PATCH' as const), status: fc.constantFrom(...STATUSES) }),
  fc.record({ what: fc.constantFrom('DELETE' as const, 'forget' as const) }),
  fc.record({ what: fc.constantFrom('unsubscribe' as const, 'resubscribe' as const, 'bounce' as const, 'complain' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

describe('the life of an address on a list', () => {
  const clock = testClock();
  let opened: Opened;
  let receiver: Receiver;
  let list = '';
  let lives = 0;

  beforeAll(async () => {
    opened = await openSimulator({ clock });
    receiver = await openReceiver();
    list = textAt((await opened.control('POST', '/lists', { name: 'Lives' })).body, 'lists.0.id');
    const events = Object.fromEntries(['subscribe', 'unsubscribe', 'profile', 'cleaned', 'upemail'].map((name) => [name, true]));
    await opened.api('POST', `/lists/${list}/webhooks`, {
      url: receiver.url,
      events,
      sources: { user: true, admin: true, api: true },
    });
  });
  afterAll(async () => {
    await opened.close();
    await receiver.close();
  });

  async function take(naive: Naive, email: string, given: Step): Promise<[number, number]> {
    const id = createHash('md5').update(email).digest('hex');
    const members = `/lists/${list}/members`;
    const answered = (reply: Reply): number => reply.status;
    switch (given.what) {
      case 'POST':
        return [
          answered(await opened.api('POST', members, { email_address: email, status: given.status })),
          naive.write(given.status, 'POST'),
        ];
      case 'PATCH':
        return [
          answered(await opened.api('PATCH', `${members}/${id}`, { status: given.status })),
          naive.write(given.status, 'PATCH'),
        ];
      case 'DELETE':
        return [answered(await opened.api('DELETE', `${members}/${id}`)), naive.archive()];
      case 'forget':
        return [answered(await opened.api('POST', `${members}/${id}/actions/delete-permanent`)), naive.forget()];
      default:
        return [answered(await opened.control('POST', `/members/${list}/${email}/${given.what}`)), naive.happen(given.what)];
    }
  }

  it('is what a naive reading of the rules makes of it, in every order, and hooks hear all of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        lives += 1;
        const email = `life${lives}@harborlane.test`;
        const naive = new Naive();
        const heard = receiver.posts().length;
        for (const given of steps) {
          clock.advance(1_000);
          const [status, expected] = await take(naive, email, given);
          expect([given, status]).toEqual([given, expected]);
          const id = createHash('md5').update(email).digest('hex');
          const seen = await opened.api('GET', `/lists/${list}/members/${id}`);
          expect(seen.status === 404 ? 'gone' : textAt(seen.body, 'status')).toBe(
            naive.status === 'nobody' || naive.status === 'forgotten' ? 'gone' : naive.status,
          );
        }
        await until('hooks heard all of it', () => receiver.posts().length >= heard + naive.events.length);
        const told = receiver
          .posts()
          .slice(heard)
          .map(({ form }) => form.get('type'));
        expect(told.toSorted()).toEqual(naive.events.toSorted());
      }),
      { numRuns: 40 },
    );
  });

  it('is counted by the list and found by no filter but its own', async () => {
    const count = async (status: string): Promise<number> =>
      numberAt((await opened.api('GET', `/lists/${list}/members?status=${status}&count=0`)).body, 'total_items');
    clock.advance(600_000);
    const stats = at((await opened.api('GET', `/lists/${list}`)).body, 'stats');
    expect(stats).toMatchObject({
      member_count: await count('subscribed'),
      unsubscribe_count: await count('unsubscribed'),
      cleaned_count: await count('cleaned'),
    });
    const shown = await opened.api('GET', `/lists/${list}/members?count=0`);
    const each = await Promise.all(STATUSES.map(count));
    expect(numberAt(shown.body, 'total_items')).toBe(each.reduce((sum, number) => sum + number, 0));
  });
});
