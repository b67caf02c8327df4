import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HOUR, MINUTE } from '../../../../src/core/shared/clock.ts';
import { findSuppression } from '../../../../src/core/suppression/suppress.ts';
import { TENANT } from '../../../support/factories.ts';

import { emailOf, openDrift, type Kind } from '../../../support/open-drift.ts';

const crash = fc.option(
  fc.record({ at: fc.integer({ min: 1, max: 30 }), when: fc.constantFrom('before' as const, 'after' as const) }),
  { nil: undefined },
);
const who = {
  person: fc.integer({ min: 0, max: 3 }),
  kind: fc.constantFrom<Kind>('unsubscribe', 'unsubscribe', 'complaint'),
};
const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('depart' as const), ...who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('deliver' as const), ...who, crash }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('sync' as const), crash }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('between' as const), ...who, crash }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('edit' as const), ...who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 200 }) }) },
);

describe('after any loss, duplication, shuffling and crash', () => {
  it('one sync suppresses everybody who left, and the count of misses is exact', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 20 }), async (events) => {
        const { world, depart, edit, deliver, sync, report, changes } = await openDrift();
        const told = new Set<string>();
        for (const one of events) {
          if ((one.do === 'deliver' || one.do === 'between') && changes.has(`${one.person} ${one.kind}`))
            told.add(`${one.person} ${one.kind}`);
          if (one.do === 'depart') depart(one.person, one.kind);
          if (one.do === 'edit') edit(one.person);
          if (one.do === 'deliver') await deliver(one.person, one.kind, one.crash);
          if (one.do === 'sync') await sync(one.crash);
          if (one.do === 'between') {
            const delivery = { isMade: false };
            world.suppressions.beforeSave = () => {
              delivery.isMade = true;
              return deliver(one.person, one.kind);
            };
            await sync(one.crash);
            world.suppressions.beforeSave = undefined;
            if (!delivery.isMade) await deliver(one.person, one.kind);
          }
          if (one.do === 'wait') world.clock.advance(one.minutes * MINUTE);
          world.clock.advance(1_000);
        }
        world.clock.advance(2 * HOUR);
        await sync();
        const people = new Set([...changes.keys()].map((key) => key.split(' ')[0] ?? ''));
        // A complaint told is the opt-out told; an opt-out told says nothing of a complaint.
        const isMissed = (person: string): boolean =>
          changes.has(`${person} complaint`) ? !told.has(`${person} complaint`) : !told.has(`${person} unsubscribe`);
        const silent = [...people].filter(isMissed).length;
        expect(await report()).toMatchObject({ missed: silent, healed: silent, pending: 0 });
        for (const person of people) {
          const times = (['unsubscribe', 'complaint'] as const).flatMap((kind) => changes.get(`${person} ${kind}`) ?? []);
          const found = await findSuppression(world, TENANT, emailOf(Number(person)));
          expect(found?.reason).toBe(changes.has(`${person} complaint`) ? 'complaint' : 'unsubscribe');
          expect((found?.since ?? '') >= (times.sort()[0] ?? '')).toBe(true);
        }
        const { saves } = world.suppressions;
        await sync();
        expect(world.suppressions.saves).toBe(saves);
      }),
      { numRuns: 250 },
    );
  });
});
