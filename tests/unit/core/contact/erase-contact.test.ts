import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { repeatErasures } from '../../../../scripts/erasures.ts';
import { eraseContact, type EraseContactDeps } from '../../../../src/core/contact/erase-contact.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { SECOND } from '../../../../src/core/shared/clock.ts';
import { checkSuppressions } from '../../../../src/core/suppression/check-suppressions.ts';
import { findAliases } from '../../../../src/core/suppression/erase-address.ts';
import { addFact, findSuppression, liftSuppression, moveAddress } from '../../../../src/core/suppression/suppress.ts';
import { Crash, planCrash } from '../../../support/crashes.ts';
import { aConnection, aFact, anAudience, TENANT } from '../../../support/factories.ts';
import { aVendorAudience } from '../../../support/fake-platform.ts';
import { fakeHasher, fakeSuppressions } from '../../../support/fake-suppressions.ts';
import { openConnections } from '../../../support/open-connections.ts';

const [OLD, NEW, NEWEST] = ['old@harborlane.test', 'new@harborlane.test', 'newest@harborlane.test'];
const CHAIN = [OLD, NEW, NEWEST];
const silence = new AppError('vendor_unavailable', 'No answer.');

function open(connection = aConnection()) {
  const world = openConnections(connection);
  world.audiences.records = [anAudience()];
  const suppressions = fakeSuppressions();
  const deps: EraseContactDeps = {
    ...world,
    suppressions,
    hasher: fakeHasher,
    openPlatform: () => world.vendor.platform,
    platforms: ['mailchimp'],
  };
  const held = (): string => JSON.stringify([...suppressions.records.values()]);
  const asked = () => world.vendor.calls.filter(({ method }) => method === 'eraseContact').map(({ args }) => args[1]);
  return { ...world, suppressions, deps, held, asked, erase: (email: string) => eraseContact(deps, TENANT, email) };
}
const suppressed = async (deps: EraseContactDeps, emails: readonly string[]) =>
  (await checkSuppressions(deps, TENANT, emails)).map(({ email }) => email);

describe('eraseContact', () => {
  it('asks every audience that the vendor has now, known here or not', async () => {
    const { vendor, erase } = open();
    vendor.audiences = [aVendorAudience(), aVendorAudience({ vendorId: 'made-today', name: 'Brand new' })];
    vendor.members.add(OLD);
    expect(await erase(OLD)).toMatchObject({
      erased: true,
      unreached: [],
      vendor: [
        { name: 'Regulars', outcome: 'erased' },
        { name: 'Brand new', outcome: 'absent' },
      ],
    });
  });

  it('asks nothing of an audience that is gone', async () => {
    const { audiences, erase } = open();
    audiences.records = [
      anAudience(),
      anAudience({ id: 'aud_gone000000000000', vendorId: 'gone', vanishedAt: '2026-09-01T00:00:00.000Z' }),
    ];
    expect((await erase(OLD)).vendor).toHaveLength(1);
  });

  it.each(CHAIN)('erases the whole person, whichever address is named: %s', async (named) => {
    const { deps, vendor, held, asked, erase } = open();
    for (const email of CHAIN) vendor.members.add(email);
    await addFact(deps, TENANT, OLD, aFact({ vendorReason: 'Mona Kvist moved away' }));
    await moveAddress(deps, TENANT, OLD, NEW);
    await moveAddress(deps, TENANT, NEW, NEWEST);
    const erasure = await erase(named);
    expect(erasure).toMatchObject({ erased: true, here: { addressesForgotten: 3, textsForgotten: 3, aliasesWaiting: 0 } });
    expect(erasure.here.hashesKept).toHaveLength(3);
    expect([...asked()].sort()).toEqual([...CHAIN].sort());
    expect(vendor.members.size).toBe(0);
    expect(held()).not.toMatch(/harborlane|Mona/);
    expect(await suppressed(deps, CHAIN)).toEqual(CHAIN);
  });

  it('finds an address that was moved to in one audience and another in the next', async () => {
    const { deps, held, erase } = open();
    await moveAddress(deps, TENANT, OLD, NEW);
    await moveAddress(deps, TENANT, OLD, NEWEST);
    await erase(NEW);
    expect(held()).not.toContain('harborlane');
  });

  it('keeps what it needs to ask again while the vendor cannot be asked, suppressed', async () => {
    const { deps, vendor, held, asked, erase } = open();
    await moveAddress(deps, TENANT, OLD, NEW);
    vendor.faults.push({ method: 'eraseContact', error: silence });
    expect(await erase(OLD)).toMatchObject({ erased: false, unreached: ['failed'], here: { aliasesWaiting: 1 } });
    expect(held()).not.toContain(OLD);
    expect(await suppressed(deps, CHAIN)).toEqual([OLD, NEW]);
    expect(await erase(OLD)).toMatchObject({ erased: true, here: { aliasesWaiting: 0 } });
    expect(asked()).toContain(NEW);
    expect(held()).not.toContain('harborlane');
  });

  it('is not done while the platform is disconnected, or does not tell its audiences', async () => {
    const away = open(aConnection({ status: 'disconnected', tokenRef: null }));
    await moveAddress(away.deps, TENANT, OLD, NEW);
    expect(await away.erase(OLD)).toMatchObject({
      erased: false,
      vendor: [],
      unreached: ['disconnected'],
      here: { aliasesWaiting: 1 },
    });
    const silent = open();
    silent.vendor.faults.push({ method: 'readAudiences', error: silence });
    expect(await silent.erase(OLD)).toMatchObject({ erased: false, vendor: [{ outcome: 'failed' }], unreached: ['failed'] });
    expect(await silent.erase(OLD)).toMatchObject({ erased: true });
  });

  it('is not done when the vendor told of another address meanwhile', async () => {
    const { deps, vendor, erase, held, asked } = open();
    const eraseAtVendor = vendor.platform.eraseContact.bind(vendor.platform);
    vendor.platform.eraseContact = async (audience, email) => {
      vendor.platform.eraseContact = eraseAtVendor;
      await moveAddress(deps, TENANT, OLD, NEW);
      return eraseAtVendor(audience, email);
    };
    expect(await erase(OLD)).toMatchObject({ erased: false, unreached: ['moved_meanwhile'], here: { aliasesWaiting: 1 } });
    expect(await suppressed(deps, [NEW])).toEqual([NEW]);
    expect(await erase(OLD)).toMatchObject({ erased: true });
    expect(asked()).toContain(NEW);
    expect(held()).not.toContain('harborlane');
  });

  it('asks for a domain in either alphabet, also of an address it only remembers', async () => {
    const { deps, asked, erase } = open();
    await moveAddress(deps, TENANT, OLD, 'mona@xn--bcher-kva.test');
    await erase(OLD);
    expect(asked()).toEqual([OLD, 'mona@xn--bcher-kva.test', 'mona@bücher.test']);
  });

  it('leaves another tenant alone', async () => {
    const { deps, held, erase } = open();
    await addFact(deps, 'ten_other', OLD, aFact());
    await erase(OLD);
    expect(held()).toContain(OLD);
  });

  it('hears nothing of a person again from what comes late', async () => {
    const { deps, held, erase } = open();
    await addFact(deps, TENANT, OLD, aFact());
    await moveAddress(deps, TENANT, OLD, NEW);
    await erase(OLD);
    const text = { vendorReason: 'it is me, Mona Kvist' } as const;
    for (const via of ['webhook', 'sync', 'import', 'manual'] as const)
      for (const email of [OLD, NEW, ' OLD@Harborlane.TEST '])
        await addFact(deps, TENANT, email, aFact({ via, kind: 'complaint', campaignVendorId: via, ...text }));
    await moveAddress(deps, TENANT, OLD, NEW);
    expect(held()).not.toMatch(/harborlane|Mona/i);
    const lift = { at: '2026-12-01T00:00:00.000Z', actor: 'key_1', reason: 'asked' };
    for (const email of [OLD, NEW])
      await expect(liftSuppression(deps, TENANT, email, lift)).rejects.toMatchObject({ code: 'erasure_stays' });
  });

  it('keeps the words of the vendor, which name nobody', async () => {
    const { deps, suppressions, erase } = open();
    await addFact(deps, TENANT, OLD, aFact({ kind: 'complaint', vendorReason: 'abuse' }));
    await erase(OLD);
    expect(JSON.stringify([...suppressions.records.values()])).toContain('"abuse"');
  });

  it('logs the keyed hash, so that a restored table can be told again, and no address', async () => {
    const { deps, log, erase, held, suppressions } = open();
    await addFact(deps, TENANT, OLD, aFact());
    await moveAddress(deps, TENANT, OLD, NEW);
    const backup = structuredClone([...suppressions.records]);
    await erase(OLD);
    const [line] = log.lines.filter(({ event }) => event === 'contact.erased');
    expect(JSON.stringify(log.lines)).not.toContain('harborlane');
    suppressions.records.clear();
    for (const [key, record] of backup) suppressions.records.set(key, record);
    expect(held()).toContain(OLD);
    const csv = ['tenantId,addressHash', `${TENANT},${String(line?.fields['addressHash'])}`];
    const repeated = { erasures: 1, leftOut: 1 };
    expect(await repeatErasures(suppressions, csv)).toEqual({ ...repeated, addressesForgotten: 2 });
    expect(await repeatErasures(suppressions, csv)).toEqual({ ...repeated, addressesForgotten: 0 });
    expect(held()).not.toContain('harborlane');
    expect(await suppressed(deps, [OLD, NEW])).toEqual([OLD, NEW]);
  });
});

type Step =
  | {
      do: 'fact';
      who: number;
      kind: 'unsubscribe' | 'bounce' | 'complaint' | 'manual' | 'lift';
      via: 'webhook' | 'sync' | 'import' | 'manual';
    }
  | { do: 'move'; from: number; to: number }
  | { do: 'erase'; who: number; crashAt: number; when: 'before' | 'after'; fails: boolean };

const who = fc.nat(2);
const fact = fc.record({
  do: fc.constant('fact' as const),
  who,
  kind: fc.constantFrom('unsubscribe', 'bounce', 'complaint', 'manual', 'lift'),
  via: fc.constantFrom('webhook', 'sync', 'import', 'manual'),
});
const move = fc.record({ do: fc.constant('move' as const), from: who, to: who });
const erasure = fc.record({
  do: fc.constant('erase' as const),
  who,
  crashAt: fc.nat(20),
  when: fc.constantFrom('before', 'after'),
  fails: fc.boolean(),
});
const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof(fact, move, erasure), { maxLength: 12 });

describe('whatever happens in whatever order', () => {
  it('a person whose erasure was completed is known by no address and no text, and suppressed under every address', async () => {
    await fc.assert(
      fc.asyncProperty(steps, who, fc.array(fact, { maxLength: 6 }), async (story, named, stragglers) => {
        const { deps, vendor, clock, held, suppressions } = open();
        for (const email of CHAIN) vendor.members.add(email);
        const tell = async (step: Step): Promise<void> => {
          clock.advance(SECOND);
          const at = new Date(clock.now()).toISOString();
          if (step.do === 'move') {
            await moveAddress(deps, TENANT, CHAIN[step.from] ?? OLD, CHAIN[step.to] ?? OLD);
            return;
          }
          if (step.do === 'fact') {
            const said = aFact({ kind: step.kind, via: step.via, at, vendorReason: `Mona says ${CHAIN[step.who]}` });
            await addFact(deps, TENANT, CHAIN[step.who] ?? OLD, said);
            return;
          }
          if (step.fails) vendor.faults.push({ method: 'eraseContact', error: silence });
          // Between any two calls of the table or the vendor.
          const wrap = planCrash({ at: step.crashAt, when: step.when }).startProcess();
          const process = {
            ...deps,
            suppressions: wrap(deps.suppressions),
            openPlatform: () => wrap(vendor.platform),
          };
          await eraseContact(process, TENANT, CHAIN[step.who] ?? OLD).catch((error: unknown) => {
            if (!(error instanceof Crash)) throw error;
          });
        };
        for (const step of story) await tell(step);
        vendor.faults.splice(0);
        expect(await eraseContact(deps, TENANT, CHAIN[named] ?? OLD)).toMatchObject({ erased: true });

        const hash = await fakeHasher.hash(TENANT, CHAIN[named] ?? OLD);
        const chain = new Set([hash, ...(await findAliases(deps, TENANT, hash)).map(({ addressHash }) => addressHash)]);
        const ofPerson: string[] = [];
        for (const email of CHAIN) if (chain.has(await fakeHasher.hash(TENANT, email))) ofPerson.push(email);
        for (const straggler of stragglers) if (ofPerson.includes(CHAIN[straggler.who] ?? OLD)) await tell(straggler);
        for (const email of ofPerson) {
          expect(held()).not.toContain(email);
          expect(await findSuppression(deps, TENANT, email)).toBeDefined();
        }
        for (const record of suppressions.records.values())
          if (chain.has(record.addressHash)) expect(JSON.stringify(record)).not.toMatch(/Mona|harborlane/);
      }),
      { numRuns: 300 },
    );
  });
});
