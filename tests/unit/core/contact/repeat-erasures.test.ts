import { describe, expect, it } from '@jest/globals';
import { repeatErasures } from '../../../../scripts/erasures.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { addFact, findSuppression, moveAddress } from '../../../../src/core/suppression/suppress.ts';
import { Crash, planCrash } from '../../../support/crashes.ts';
import { eraseContact } from '../../../../src/core/contact/erase-contact.ts';
import { aFact, TENANT } from '../../../support/factories.ts';
import { openErasures } from '../../../support/open-erasures.ts';

const [OLD, NEW] = ['old@harborlane.test', 'new@harborlane.test'];
const silence = new AppError('vendor_unavailable', 'No answer.');

/** A person with two addresses, and a table that can be restored to the time before anything was erased. */
async function openBackup() {
  const world = openErasures();
  world.join(OLD, NEW);
  await addFact(world.deps, TENANT, OLD, aFact());
  await moveAddress(world.deps, TENANT, OLD, NEW);
  const backup = structuredClone([...world.suppressions.records]);
  return {
    ...world,
    restore(): void {
      world.suppressions.records.clear();
      world.erasures.records.clear();
      world.erasures.marks.clear();
      world.followups.pending.splice(0);
      for (const [key, record] of backup) world.suppressions.records.set(key, record);
    },
    /** What a query of the logs exports, the newest first. */
    csv: (): string[] => [
      '@timestamp,event,tenantId,addressHash',
      ...world.log.lines
        .filter(({ event }) => event === 'contact.erasure_begun' || event === 'contact.erased')
        .map(({ event, fields }, index) => {
          const time = `2026-09-21 06:00:${String(index).padStart(2, '0')}.000`;
          return `${time},${event},${String(fields['tenantId'])},${String(fields['addressHash'])}`;
        })
        .reverse(),
    ],
  };
}

describe('a restored table', () => {
  it('is told again of what was erased, and of no other address', async () => {
    const world = await openBackup();
    await world.erase(OLD);
    world.restore();
    expect(world.held()).toContain(OLD);
    const repeated = { erasures: 1, opened: 0, leftOut: 1 };
    expect(await repeatErasures(world.deps, world.csv())).toEqual({ ...repeated, addressesForgotten: 1 });
    expect(await repeatErasures(world.deps, world.csv())).toEqual({ ...repeated, addressesForgotten: 0 });
    expect(world.held()).not.toContain(OLD);
    expect(world.held()).toContain(NEW);
    expect(await findSuppression(world.deps, TENANT, OLD)).toBeDefined();
    expect(JSON.stringify(world.log.lines)).not.toContain('harborlane');
  });

  it('is told of every address of a chain that was included', async () => {
    const world = await openBackup();
    await world.erase(NEW, 'include');
    world.restore();
    expect(await repeatErasures(world.deps, world.csv())).toMatchObject({ erasures: 2, addressesForgotten: 2, opened: 0 });
    expect(world.held()).not.toContain('harborlane');
  });

  it('is told of every address of a chain, also when the vendor was silent', async () => {
    const world = await openBackup();
    world.vendor.faults.push({ method: 'readAudiences', error: silence });
    await world.erase(NEW, 'include');
    world.restore();
    expect(await repeatErasures(world.deps, world.csv())).toMatchObject({ addressesForgotten: 2, opened: 2 });
    await world.sweep();
    await world.followups.drain();
    expect(world.atVendor()).toEqual([]);
  });

  it('is told of an erasure that broke in the middle, wherever it did', async () => {
    for (let at = 1; ; at++) {
      const world = await openBackup();
      const process = world.process(planCrash({ at, when: 'after' }).startProcess());
      const crashed = await eraseContact(process, TENANT, OLD).then(
        () => false,
        (error: unknown) => error instanceof Crash,
      );
      if (!crashed) break;
      const isBegun = world.csv().length > 1;
      const written = world.erasures.records.size + world.followups.pending.length;
      world.restore();
      await repeatErasures(world.deps, world.csv());
      // Before the line there was nothing but reading.
      if (isBegun) expect(world.held()).not.toContain(OLD);
      else expect(written).toBe(0);
    }
  });

  it('has the vendor asked for what it was not asked for to the end', async () => {
    const world = await openBackup();
    world.vendor.faults.push({ method: 'eraseContact', error: silence });
    await world.erase(OLD);
    world.restore();
    expect(await repeatErasures(world.deps, world.csv())).toMatchObject({ addressesForgotten: 1, opened: 1 });
    expect(world.held()).not.toContain(OLD);
    await world.sweep();
    await world.followups.drain();
    expect(world.atVendor()).toEqual([NEW]);
  });
});
