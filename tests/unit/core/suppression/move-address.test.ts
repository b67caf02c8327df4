import { describe, expect, it } from '@jest/globals';
import { addFact, findSuppression, liftSuppression, moveAddress } from '../../../../src/core/suppression/suppress.ts';
import { eraseAddress } from '../../../support/erase-address.ts';
import { Crash } from '../../../support/crashes.ts';
import { aFact, TENANT } from '../../../support/factories.ts';
import { fakeHasher, fakeSuppressions } from '../../../support/fake-suppressions.ts';

const open = () => ({ suppressions: fakeSuppressions(), hasher: fakeHasher });
const [OLD, NEW, NEWEST] = ['old@harborlane.test', 'new@harborlane.test', 'newest@harborlane.test'];
const NOW = '2026-09-20T00:00:00.000Z';

describe('moveAddress', () => {
  it('carries over what was known, and leaves the old one suppressed', async () => {
    const deps = open();
    await addFact(deps, TENANT, OLD, aFact({ kind: 'complaint' }));
    await moveAddress(deps, TENANT, OLD, NEW);
    expect(await findSuppression(deps, TENANT, NEW)).toMatchObject({ reason: 'complaint', email: NEW });
    expect(await findSuppression(deps, TENANT, OLD)).toMatchObject({ reason: 'complaint', email: OLD });
  });

  it('lets later facts about the old address reach the new one', async () => {
    const deps = open();
    await moveAddress(deps, TENANT, OLD, NEW);
    expect(await findSuppression(deps, TENANT, NEW)).toBeUndefined();
    await addFact(deps, TENANT, OLD, aFact());
    expect(await findSuppression(deps, TENANT, NEW)).toMatchObject({ reason: 'unsubscribe' });
  });

  it('names the new address in what it learns later, so that lists and exports show it', async () => {
    const deps = open();
    await moveAddress(deps, TENANT, OLD, NEW);
    await addFact(deps, TENANT, OLD, aFact());
    expect(await findSuppression(deps, TENANT, NEW)).toMatchObject({ email: NEW });
  });

  it('reaches the newest of several addresses', async () => {
    const deps = open();
    await moveAddress(deps, TENANT, OLD, NEW);
    await moveAddress(deps, TENANT, NEW, NEWEST);
    await addFact(deps, TENANT, OLD, aFact());
    expect(await findSuppression(deps, TENANT, NEWEST)).toMatchObject({ reason: 'unsubscribe' });
  });

  it('ends when somebody moves back', async () => {
    const deps = open();
    await moveAddress(deps, TENANT, OLD, NEW);
    await moveAddress(deps, TENANT, NEW, OLD);
    await addFact(deps, TENANT, OLD, aFact());
    expect(await findSuppression(deps, TENANT, OLD)).toBeDefined();
    expect(await findSuppression(deps, TENANT, NEW)).toBeDefined();
  });

  it('carries over nothing of a lift', async () => {
    const deps = open();
    await addFact(deps, TENANT, OLD, aFact({ kind: 'lift', via: 'manual', at: NOW }));
    await addFact(deps, TENANT, NEW, aFact());
    await moveAddress(deps, TENANT, OLD, NEW);
    expect(await findSuppression(deps, TENANT, NEW)).toMatchObject({ reason: 'unsubscribe' });
  });

  it('writes nothing when told twice, and nothing for a move to itself', async () => {
    const deps = open();
    await addFact(deps, TENANT, OLD, aFact());
    await moveAddress(deps, TENANT, OLD, NEW);
    const { saves } = deps.suppressions;
    await moveAddress(deps, TENANT, OLD, NEW);
    await moveAddress(deps, TENANT, OLD, OLD.toUpperCase());
    expect(deps.suppressions.saves).toBe(saves);
  });

  it('is healed by the next delivery after a crash between its two writes', async () => {
    const deps = open();
    await addFact(deps, TENANT, OLD, aFact());
    const save = deps.suppressions.save.bind(deps.suppressions);
    let writes = 0;
    deps.suppressions.save = (record) => (++writes === 2 ? Promise.reject(new Crash()) : save(record));
    await expect(moveAddress(deps, TENANT, OLD, NEW)).rejects.toThrow(Crash);
    await moveAddress(deps, TENANT, OLD, NEW);
    expect(await findSuppression(deps, TENANT, NEW)).toMatchObject({ reason: 'unsubscribe' });
    await addFact(deps, TENANT, OLD, aFact({ kind: 'complaint' }));
    expect(await findSuppression(deps, TENANT, NEW)).toMatchObject({ reason: 'complaint' });
  });

  it('loses no fact that arrives while it works', async () => {
    const deps = open();
    deps.suppressions.beforeSave = async () => {
      await addFact(deps, TENANT, OLD, aFact());
    };
    await moveAddress(deps, TENANT, OLD, NEW);
    expect(await findSuppression(deps, TENANT, NEW)).toMatchObject({ reason: 'unsubscribe' });
  });
});

describe('eraseAddress', () => {
  it('keeps the person suppressed without the address', async () => {
    const deps = open();
    await addFact(deps, TENANT, OLD, aFact());
    await eraseAddress(deps, TENANT, OLD, NOW);
    expect(await findSuppression(deps, TENANT, OLD)).toMatchObject({ reason: 'unsubscribe', email: null });
    expect(JSON.stringify([...deps.suppressions.records.values()])).not.toContain('old@');
  });

  it('suppresses a person nobody knew', async () => {
    const deps = open();
    await eraseAddress(deps, TENANT, OLD, NOW);
    expect(await findSuppression(deps, TENANT, OLD)).toMatchObject({ reason: 'manual', email: null });
  });

  it('suppresses a person whose suppression was lifted', async () => {
    const deps = open();
    await addFact(deps, TENANT, OLD, aFact());
    await addFact(deps, TENANT, OLD, aFact({ kind: 'lift', via: 'manual', at: '2026-09-15T00:00:00.000Z' }));
    await eraseAddress(deps, TENANT, OLD, NOW);
    expect((await findSuppression(deps, TENANT, OLD))?.reason).toBe('manual');
  });

  it('may be repeated, with one write', async () => {
    const deps = open();
    await eraseAddress(deps, TENANT, OLD, NOW);
    await eraseAddress(deps, TENANT, OLD, NOW);
    expect(deps.suppressions.saves).toBe(1);
  });

  it('stays for ever', async () => {
    const deps = open();
    await eraseAddress(deps, TENANT, OLD, NOW);
    const lift = { at: '2026-09-30T00:00:00.000Z', actor: 'key_1', reason: 'asked' };
    await expect(liftSuppression(deps, TENANT, OLD, lift)).rejects.toMatchObject({ code: 'erasure_stays' });
    await addFact(deps, TENANT, OLD, aFact({ kind: 'lift', via: 'manual', at: lift.at }));
    expect(await findSuppression(deps, TENANT, OLD)).toBeDefined();
  });

  it('does not learn the address again from what is told later', async () => {
    const deps = open();
    await eraseAddress(deps, TENANT, NEW, NOW);
    await addFact(deps, TENANT, NEW, aFact());
    await addFact(deps, TENANT, OLD, aFact());
    await moveAddress(deps, TENANT, OLD, NEW);
    expect(await findSuppression(deps, TENANT, NEW)).toMatchObject({ email: null });
  });

  it('does not make the new address un-liftable when the old one was erased, however often it is told', async () => {
    const deps = open();
    await addFact(deps, TENANT, OLD, aFact());
    await moveAddress(deps, TENANT, OLD, NEW);
    await eraseAddress(deps, TENANT, OLD, NOW);
    await moveAddress(deps, TENANT, OLD, NEW);
    await liftSuppression(deps, TENANT, NEW, { at: '2026-12-01T00:00:00.000Z', actor: 'key_1', reason: 'asked' });
    expect(await findSuppression(deps, TENANT, NEW)).toBeUndefined();
    expect(await findSuppression(deps, TENANT, OLD)).toMatchObject({ reason: 'unsubscribe', email: null });
  });
});
