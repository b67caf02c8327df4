import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bookOf } from '../../local/simulator/member-book.ts';
import { changeEmail, forget, subscribe, unsubscribe } from '../../local/simulator/member-events.ts';
import { draftMember } from '../../local/simulator/member-input.ts';
import { addAudience } from '../../local/simulator/populate.ts';
import { countOf, recipientAt, recipientsOf } from '../../local/simulator/recipients.ts';
import type { Audience } from '../../local/simulator/records.ts';
import type { Simulation } from '../../local/simulator/state.ts';
import { openSimulation } from './open-simulation.ts';

/** More people than are stored one by one, so that most of them are computed. */
const POPULATION = { subscribed: 2_100, unsubscribed: 40, cleaned: 10 };

const happening = fc.record({
  action: fc.constantFrom('unsubscribe', 'subscribe', 'forget', 'change-email', 'join'),
  seq: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 2_160 })),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function happen(sim: Simulation, list: Audience, { action, seq }: Happening): void {
  const member = bookOf(list).bySeq(seq);
  if (action === 'join') {
    const email = `joined-${list.nextSeq}@readers.test`;
    subscribe(sim, list, draftMember(sim, list, email, 'subscribed'), { source: 'user' });
  } else if (member === undefined) return;
  else if (action === 'unsubscribe') unsubscribe(sim, list, member, { source: 'user' });
  else if (action === 'subscribe') subscribe(sim, list, member, { source: 'user' });
  else if (action === 'forget') forget(sim, list, member, 'admin');
  else changeEmail(sim, list, member, `moved-${seq}@readers.test`, 'user');
}

describe('whom a mailing went to', () => {
  it('is everybody who was subscribed, each once, whatever happens before and after', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 25 }), fc.array(happening, { maxLength: 25 }), (before, after) => {
        const { sim, account } = openSimulation('rye', 0, 0, 0);
        const list = addAudience(sim, account, { name: 'Large', members: POPULATION });
        for (const event of before) happen(sim, list, event);
        const subscribed = bookOf(list)
          .select({ status: 'subscribed' }, 0, 5_000)
          .rows.map(({ seq }) => seq);
        const recipients = recipientsOf(list);
        expect(countOf(list, recipients)).toBe(subscribed.length);
        for (const event of after) happen(sim, list, event);
        const seqs = subscribed.map((_, n) => recipientAt(list, recipients, n)?.seq);
        const alive = subscribed.filter((seq) => bookOf(list).bySeq(seq) !== undefined);
        expect(seqs.filter((seq) => seq !== undefined).toSorted((a, b) => a - b)).toEqual(alive.toSorted((a, b) => a - b));
        expect(recipientAt(list, recipients, subscribed.length)).toBeUndefined();
      }),
      { numRuns: 12 },
    );
  });

  it('takes one number for each change and none for the many who are computed', () => {
    const { sim, account } = openSimulation('rye', 0, 0, 0);
    const list = addAudience(sim, account, { name: 'Huge', members: { subscribed: 30_000 } });
    happen(sim, list, { action: 'unsubscribe', seq: 5 });
    expect(recipientsOf(list)).toEqual({ rows: [], generated: { except: [5] } });
  });
});
