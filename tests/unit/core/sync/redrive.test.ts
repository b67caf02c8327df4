import { beforeEach, describe, expect, it } from '@jest/globals';
import { subjectOf } from '../../../../src/core/sync/dead-letter.ts';
import {
  followupLetters,
  redrive,
  syncLetters,
  type DeadLetter,
  type DeadLetterBox,
  type RedriveChoice,
} from '../../../../src/core/sync/redrive.ts';
import type { SyncMessage } from '../../../../src/core/sync/queue-messages.ts';
import { aMessage } from '../../../support/open-syncs.ts';

const FAILED_AT = '2026-03-01T04:00:00.000Z';

/** As SQS does it: ten at a time, and what is out is nobody else's. */
function fakeBox(letters: DeadLetter[]): DeadLetterBox & { left: () => string[]; hidden: Set<string> } {
  const hidden = new Set<string>();
  return {
    hidden,
    left: () => letters.map(({ letterId }) => letterId),
    take: () => {
      const taken = letters.filter(({ letterId }) => !hidden.has(letterId)).slice(0, 10);
      for (const { letterId } of taken) hidden.add(letterId);
      return Promise.resolve(taken);
    },
    remove: ({ letterId }) => {
      letters.splice(
        letters.findIndex((letter) => letter.letterId === letterId),
        1,
      );
      hidden.delete(letterId);
      return Promise.resolve();
    },
    giveBack: (back) => {
      for (const { letterId } of back) hidden.delete(letterId);
      return Promise.resolve();
    },
  };
}

const aLetter = (id: string, body: unknown, change: Partial<DeadLetter> = {}): DeadLetter => ({
  letterId: id,
  messageId: `message-${id}`,
  receipt: id,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  sentAt: Date.parse(FAILED_AT) - 1_000,
  reason: 'TypeError at f (index.mjs:1:2)',
  failedAt: FAILED_AT,
  receives: 3,
  ...change,
});
const ULID = (last: string): string => `01J8B000000000000000000${last}`;
const metrics = aMessage({
  task: 'metrics',
  runId: `sync_metrics-${ULID('MMM')}`,
  tenantId: 'ten_other00000',
  trigger: 'manual',
  step: 4,
});

describe('a redrive', () => {
  let sent: SyncMessage[] = [];
  let followups: string[] = [];
  let events: string[] = [];
  beforeEach(() => {
    [sent, followups, events] = [[], [], []];
  });

  function open(letters: DeadLetter[], fault?: () => void) {
    const inner = fakeBox(letters);
    const box = {
      ...inner,
      remove: (letter: DeadLetter) => {
        events.push(`removed ${letter.letterId}`);
        return inner.remove(letter);
      },
    };
    const queue = {
      send: async (messages: readonly SyncMessage[]) => {
        fault?.();
        sent.push(...messages);
        for (const { runId } of messages) events.push(`sent ${runId}`);
        await Promise.resolve();
      },
    };
    return { box, go: (choice: RedriveChoice) => redrive([syncLetters(box, queue)], choice) };
  }
  const openFollowups = (letters: DeadLetter[]) => {
    const box = fakeBox(letters);
    const send = (body: string) => Promise.resolve(void followups.push(body));
    return { box, go: (choice: RedriveChoice) => redrive([followupLetters(box, send)], choice) };
  };

  it('lists what is there, all of it, and leaves it there', async () => {
    const { box, go } = open(Array.from({ length: 23 }, (_, index) => aLetter(String(index), metrics)));
    const rows = await go({ do: 'list' });
    expect(rows).toHaveLength(23);
    expect(rows[0]).toEqual({
      queue: 'sync',
      tenantId: 'ten_other00000',
      task: 'metrics',
      runId: metrics.runId,
      reason: 'TypeError at f (index.mjs:1:2)',
      failedAt: FAILED_AT,
      receives: 3,
      messageId: 'message-0',
      readable: true,
    });
    expect([box.left().length, box.hidden.size, sent]).toEqual([23, 0, []]);
  });

  it('begins a new run of the same task for the same tenant, and only then removes the letter', async () => {
    const { box, go } = open([aLetter('1', metrics)]);
    const [row] = await go({ do: 'move' });
    expect(sent).toEqual([{ ...metrics, step: 0, runId: expect.stringMatching(/^sync_metrics-[0-9A-Z]{26}$/) }]);
    expect(sent[0]?.runId).not.toBe(metrics.runId);
    expect(row).toMatchObject({ runId: metrics.runId, newRunId: sent[0]?.runId });
    expect(events).toEqual([`sent ${sent[0]?.runId}`, 'removed 1']);
    expect(box.left()).toEqual([]);
  });

  it('makes one run of a letter, however often it is repeated, and another of another letter', async () => {
    for (const letter of [aLetter('1', metrics), aLetter('1', metrics), aLetter('2', metrics)])
      await open([letter]).go({ do: 'move' });
    const ids = sent.map(({ runId }) => runId);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('keeps a letter that could not be sent, and shows it again', async () => {
    const { box, go } = open([aLetter('1', metrics), aLetter('2', metrics)], () => {
      throw new Error('The queue is away.');
    });
    await expect(go({ do: 'move' })).rejects.toThrow('The queue is away.');
    expect([box.left(), box.hidden.size]).toEqual([['1', '2'], 0]);
  });

  it.each<[string, Partial<RedriveChoice>, string[]]>([
    ['of a tenant', { tenantId: 'ten_other00000' }, ['metrics', 'metrics again']],
    ['of a task', { task: 'audiences' }, ['audiences']],
    ['up to a limit', { limit: 2 }, ['metrics', 'audiences']],
    ['of neither', { tenantId: 'ten_other00000', task: 'audiences' }, []],
  ])('takes those %s, and shows the others again', async (_, choice, wanted) => {
    const all = [
      aLetter('metrics', metrics),
      aLetter('audiences', aMessage()),
      aLetter('metrics again', metrics),
      aLetter('odd', 'odd'),
    ];
    const { box, go } = open(all);
    await go({ do: 'move', ...choice });
    expect(events.filter((event) => event.startsWith('removed')).map((event) => event.slice(8))).toEqual(wanted);
    expect([box.left().length, box.hidden.size]).toEqual([4 - wanted.length, 0]);
  });

  it('lists what cannot be read, never moves it, and removes it only when told to', async () => {
    const odd = aLetter('odd', '{"tenantId":"ten_1","kind":"sync"', { tenantId: undefined });
    const { box, go } = open([odd, aLetter('good', metrics)]);
    expect((await go({ do: 'list' })).map(({ readable }) => readable)).toEqual([false, true]);
    await go({ do: 'move' });
    expect(box.left()).toEqual(['odd']);
    const dropped = await open([odd, aLetter('good', metrics)]).go({ do: 'drop-unreadable' });
    expect(dropped.map(({ messageId }) => messageId)).toEqual(['message-odd']);
    expect(events).toEqual([`sent ${sent[0]?.runId}`, 'removed good', 'removed odd']);
  });

  it('sends follow-ups back as they are', async () => {
    const body = '{ "kind":"send", "tenantId":"ten_1", "campaignId":"cmp_1", "claimId":"c", "poll":2, "later":true }';
    const { box, go } = openFollowups([aLetter('1', body), aLetter('2', '{}')]);
    expect(await go({ do: 'move' })).toMatchObject([{ queue: 'followups', tenantId: 'ten_1', task: 'send', readable: true }]);
    expect([followups, box.left()]).toEqual([[body], ['2']]);
  });

  it('goes by the body where the queue moved a message without facts', async () => {
    const { go } = open([aLetter('1', metrics, { reason: undefined, failedAt: undefined, receives: undefined })]);
    expect(await go({ do: 'list', tenantId: 'ten_other00000', task: 'metrics' })).toMatchObject([
      { reason: null, failedAt: null, receives: null },
    ]);
  });
});

describe('whom a message is about', () => {
  it.each([
    ['a sync', JSON.stringify(metrics), { tenantId: 'ten_other00000', task: 'metrics', runId: metrics.runId }],
    ['a follow-up', '{"kind":"settle-send","tenantId":"ten_1"}', { tenantId: 'ten_1', task: 'settle-send' }],
    ['ids that are none', '{"kind":"spam","tenantId":"ada@acme.test","runId":"x","task":"y"}', {}],
    ['a list', '[1]', {}],
    ['no JSON', 'ten_1', {}],
  ])('is read from %s', (_, body, subject) => {
    expect(subjectOf(body)).toEqual(subject);
  });
});
