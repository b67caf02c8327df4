import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkSuppressions } from '../../../../src/core/suppression/check-suppressions.ts';
import { addFact, addFacts, findSuppression, liftSuppression } from '../../../../src/core/suppression/suppress.ts';
import { aFact, TENANT } from '../../../support/factories.ts';
import { fakeHasher, fakeSuppressions } from '../../../support/fake-suppressions.ts';

const open = () => ({ suppressions: fakeSuppressions(), hasher: fakeHasher });
const EMAIL = 'mona@harborlane.test';
const LIFT = { at: '2026-09-11T00:00:00.000Z', actor: 'key_1', reason: 'asked for it' };

describe('addFact', () => {
  it.each([0, 1, 2, 3, 4])('wins after %i lost races', async (lost) => {
    const deps = open();
    deps.suppressions.loseRaces = lost;
    const { changed, suppression } = await addFact(deps, TENANT, EMAIL, aFact());
    expect(changed).toBe(true);
    expect(suppression.reason).toBe('unsubscribe');
    expect(deps.suppressions.saves).toBe(lost + 1);
  });

  it.each([5, 6, 50])('gives up after five of %i lost races, so that the teller comes again', async (lost) => {
    const deps = open();
    deps.suppressions.loseRaces = lost;
    await expect(addFact(deps, TENANT, EMAIL, aFact())).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(deps.suppressions.saves).toBe(5);
    expect(deps.suppressions.records.size).toBe(0);
  });

  it('keeps what both of two racing writers said', async () => {
    const deps = open();
    deps.suppressions.beforeSave = async () => {
      await addFact(deps, TENANT, EMAIL, aFact({ kind: 'complaint' }));
    };
    await addFact(deps, TENANT, EMAIL, aFact());
    const found = await findSuppression(deps, TENANT, EMAIL);
    expect(
      Object.values(found?.facts ?? {})
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['complaint', 'unsubscribe']);
  });

  it('writes once for any number of repetitions, whatever the spelling', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(EMAIL, EMAIL.toUpperCase(), ` ${EMAIL} `), { minLength: 1 }),
        async (spellings) => {
          const deps = open();
          const applied = [];
          for (const spelling of spellings) applied.push(await addFact(deps, TENANT, spelling, aFact()));
          expect(applied.map(({ changed }) => changed)).toEqual(spellings.map((_, index) => index === 0));
          expect(deps.suppressions.saves).toBe(1);
          expect(deps.suppressions.records.size).toBe(1);
        },
      ),
    );
  });

  it('costs no write when a sync repeats what is known', async () => {
    const deps = open();
    await addFact(deps, TENANT, EMAIL, aFact({ via: 'sync' }));
    const { changed } = await addFact(deps, TENANT, EMAIL, aFact({ via: 'sync' }));
    expect(changed).toBe(false);
    expect(deps.suppressions.saves).toBe(1);
  });

  it('reads again what another writer has changed since it was read', async () => {
    const deps = open();
    const { suppression } = await addFact(deps, TENANT, EMAIL, aFact());
    await addFact(deps, TENANT, EMAIL, aFact({ kind: 'bounce' }));
    const again = await addFacts(deps, TENANT, EMAIL, [aFact({ kind: 'complaint' })], suppression);
    expect(Object.values(again.suppression.facts).map(({ kind }) => kind)).toEqual(['unsubscribe', 'bounce', 'complaint']);
  });

  it('keeps tenants apart', async () => {
    const deps = open();
    await addFact(deps, TENANT, EMAIL, aFact());
    expect(await findSuppression(deps, 'ten_other', EMAIL)).toBeUndefined();
  });
});

describe('checkSuppressions', () => {
  it('answers addresses as they were given, once per mention', async () => {
    const deps = open();
    await addFact(deps, TENANT, EMAIL, aFact());
    await addFact(deps, TENANT, 'gone@harborlane.test', aFact({ kind: 'bounce' }));
    const given = ['MONA@harborlane.TEST', 'free@harborlane.test', ' mona@harborlane.test', 'gone@harborlane.test'];
    expect(await checkSuppressions(deps, TENANT, given)).toEqual([
      { email: 'MONA@harborlane.TEST', reason: 'unsubscribe' },
      { email: ' mona@harborlane.test', reason: 'unsubscribe' },
      { email: 'gone@harborlane.test', reason: 'bounce' },
    ]);
  });

  it('leaves out the lifted', async () => {
    const deps = open();
    await addFact(deps, TENANT, EMAIL, aFact());
    await liftSuppression(deps, TENANT, EMAIL, LIFT);
    expect(await checkSuppressions(deps, TENANT, [EMAIL])).toEqual([]);
  });

  it('fails closed: a store that fails lets nobody through', async () => {
    const deps = open();
    deps.suppressions.getMany = () => Promise.reject(new Error('unreachable'));
    await expect(checkSuppressions(deps, TENANT, [EMAIL])).rejects.toThrow('unreachable');
  });
});

describe('liftSuppression', () => {
  it('refuses an address that is not suppressed', async () => {
    await expect(liftSuppression(open(), TENANT, EMAIL, LIFT)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('refuses a complaint', async () => {
    const deps = open();
    await addFact(deps, TENANT, EMAIL, aFact({ kind: 'complaint' }));
    await expect(liftSuppression(deps, TENANT, EMAIL, LIFT)).rejects.toMatchObject({ code: 'complaint_stays' });
    expect((await findSuppression(deps, TENANT, EMAIL))?.reason).toBe('complaint');
  });

  it('frees somebody of whom a clock that is ahead of ours told', async () => {
    const deps = open();
    await addFact(deps, TENANT, EMAIL, aFact({ at: '2030-01-01T00:00:00.000Z' }));
    await liftSuppression(deps, TENANT, EMAIL, LIFT);
    expect(await findSuppression(deps, TENANT, EMAIL)).toBeUndefined();
    await addFact(deps, TENANT, EMAIL, aFact({ at: '2030-01-01T00:00:01.000Z' }));
    expect(await findSuppression(deps, TENANT, EMAIL)).toBeDefined();
  });

  it('does not swallow who leaves in the same second, which vendors tell in whole ones', async () => {
    const deps = open();
    await addFact(deps, TENANT, EMAIL, aFact({ at: '2026-09-20T09:00:00.000Z' }));
    await liftSuppression(deps, TENANT, EMAIL, { ...LIFT, at: '2026-09-20T12:00:00.400Z' });
    expect(await findSuppression(deps, TENANT, EMAIL)).toBeUndefined();
    await addFact(deps, TENANT, EMAIL, aFact({ at: '2026-09-20T12:00:00.000Z' }));
    expect(await findSuppression(deps, TENANT, EMAIL)).toMatchObject({ since: '2026-09-20T12:00:00.000Z' });
  });

  it('frees somebody who left in this very second', async () => {
    const deps = open();
    await addFact(deps, TENANT, EMAIL, aFact({ at: '2026-09-20T12:00:00.000Z' }));
    await liftSuppression(deps, TENANT, EMAIL, { ...LIFT, at: '2026-09-20T12:00:00.400Z' });
    expect(await findSuppression(deps, TENANT, EMAIL)).toBeUndefined();
  });

  it('says who did it and why', async () => {
    const deps = open();
    const { suppression } = await addFact(deps, TENANT, EMAIL, aFact());
    await liftSuppression(deps, TENANT, EMAIL, LIFT);
    const record = await deps.suppressions.get(TENANT, suppression.addressHash);
    const lifts = Object.values(record?.facts ?? {}).filter(({ kind }) => kind === 'lift');
    expect(lifts).toMatchObject([{ actor: 'key_1', vendorReason: 'asked for it', at: '2026-09-10T23:59:59.999Z' }]);
  });
});
