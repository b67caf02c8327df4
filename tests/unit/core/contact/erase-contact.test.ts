import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { addFact, liftSuppression, moveAddress } from '../../../../src/core/suppression/suppress.ts';
import { aConnection, aFact, anAudience, TENANT } from '../../../support/factories.ts';
import { aVendorAudience } from '../../../support/fake-platform.ts';
import { CHAIN, openChain, openErasures, suppressed } from '../../../support/open-erasures.ts';

const [OLD = '', NEW = ''] = CHAIN;
const silence = new AppError('vendor_unavailable', 'No answer.');
const refusal = new AppError('vendor_rejected', 'Not with this role.');

describe('eraseContact', () => {
  it('asks every audience that the vendor has now, known here or not', async () => {
    const { vendor, erase, join } = openErasures();
    join(OLD);
    vendor.audiences = [aVendorAudience(), aVendorAudience({ vendorId: 'made-today', name: 'Brand new' })];
    expect(await erase(OLD)).toMatchObject({
      erased: true,
      obstacle: null,
      vendor: [
        { name: 'Regulars', outcome: 'erased', code: null },
        { name: 'Brand new', outcome: 'absent', code: null },
      ],
    });
  });

  it('asks nothing of an audience that is gone', async () => {
    const { audiences, erase } = openErasures();
    audiences.records = [
      anAudience(),
      anAudience({ id: 'aud_gone000000000000', vendorId: 'gone', vanishedAt: '2026-09-01T00:00:00.000Z' }),
    ];
    expect((await erase(OLD)).vendor).toHaveLength(1);
  });

  it('forgets the address at once, though the vendor fails, and goes on by itself', async () => {
    const world = openErasures();
    const { vendor, erase, held, followups, atVendor, deps, audit } = world;
    world.join(OLD);
    await addFact(deps, TENANT, OLD, aFact());
    vendor.faults.push({ method: 'eraseContact', error: silence });
    expect(await erase(OLD)).toMatchObject({
      erased: false,
      obstacle: 'busy',
      here: { addressesForgotten: 1 },
      vendor: [{ outcome: 'failed', code: 'vendor_unavailable' }],
    });
    expect(held()).not.toContain('harborlane');
    expect(await suppressed(world, [OLD])).toEqual([OLD]);
    await followups.drain();
    expect(atVendor()).toEqual([]);
    expect([...world.erasures.records.values()]).toMatchObject([{ state: 'complete', contactIds: {} }]);
    expect([...world.erasures.marks]).toEqual([]);
    const [entry] = audit.entries.values();
    expect(entry).toMatchObject({ action: 'contact.erased', actor: { kind: 'system' }, after: { erased: true } });
    expect(Object.values(entry?.after ?? {})).toEqual([true, 'erased']);
  });

  it('says why an audience failed, and leaves what only a person can mend to the daily sweep', async () => {
    const { vendor, erase, followups, sweep } = openErasures();
    vendor.faults.push(...[1, 2].map(() => ({ method: 'eraseContact', error: refusal }) as const));
    expect(await erase(OLD)).toMatchObject({
      obstacle: 'refused',
      vendor: [{ outcome: 'failed', code: 'vendor_rejected' }],
    });
    await followups.drain();
    expect(vendor.count('eraseContact')).toBe(2);
    await sweep();
    await followups.drain();
    expect(vendor.count('eraseContact')).toBe(3);
    await sweep();
    expect(followups.pending).toEqual([]);
  });

  it('tells the failure of a vendor that does not tell its audiences', async () => {
    const { vendor, erase } = openErasures();
    vendor.faults.push({ method: 'readAudiences', error: silence });
    expect(await erase(OLD)).toMatchObject({
      erased: false,
      vendor: [{ name: 'Regulars', outcome: 'failed', code: 'vendor_unavailable' }],
    });
    expect(await erase(OLD)).toMatchObject({ erased: true });
  });

  it('stops trying after some hours of silence, and begins anew with the sweep', async () => {
    const { vendor, erase, followups, sweep, atVendor, join } = openErasures();
    join(OLD);
    vendor.chaos = (method) => (method === 'eraseContact' ? { error: silence } : undefined);
    await erase(OLD);
    await followups.drain();
    expect(vendor.count('eraseContact')).toBeLessThan(20);
    vendor.chaos = () => undefined;
    await sweep();
    await followups.drain();
    expect(atVendor()).toEqual([]);
  });

  it('finishes with 150 audiences, each request and follow-up going on where the last one stopped', async () => {
    const world = openErasures();
    const { vendor, clock, erase, followups, atVendor } = world;
    vendor.audiences = Array.from({ length: 150 }, (_, index) => aVendorAudience({ vendorId: `a${index}` }));
    world.join(OLD);
    const ask = vendor.platform.eraseContact.bind(vendor.platform);
    vendor.platform.eraseContact = (...args) => {
      clock.advance(200);
      return ask(...args);
    };
    const first = await erase(OLD);
    expect(first).toMatchObject({ erased: false, obstacle: 'late' });
    expect(first.vendor.filter(({ outcome }) => outcome === 'erased')).toHaveLength(100);
    expect(first.vendor.filter(({ outcome }) => outcome === 'waiting')).toHaveLength(50);
    expect(followups.pending).toHaveLength(1);
    expect(await erase(OLD)).toMatchObject({ erased: true, obstacle: null });
    expect(vendor.count('eraseContact')).toBe(150);
    world.join(NEW);
    await erase(NEW);
    await followups.drain();
    expect(vendor.count('eraseContact')).toBe(300);
    expect(atVendor()).toEqual([]);
  });

  it('comes to every audience, though the first ones fail slowly', async () => {
    const world = openErasures();
    const { vendor, clock, erase, atVendor } = world;
    vendor.audiences = Array.from({ length: 6 }, (_, index) => aVendorAudience({ vendorId: `a${index}` }));
    world.join(OLD);
    const ask = vendor.platform.eraseContact.bind(vendor.platform);
    vendor.platform.eraseContact = (audience, id) => {
      if (!['a0', 'a1'].includes(audience)) return ask(audience, id);
      clock.advance(11_000);
      return Promise.reject(silence);
    };
    await erase(OLD);
    await erase(OLD);
    expect([...vendor.members].filter(([, members]) => members.size > 0).map(([id]) => id)).toEqual(['a0', 'a1']);
    expect(atVendor()).toEqual([OLD]);
  });

  it('asks every audience anew, when somebody asks again later: the person may have come back', async () => {
    const world = openErasures();
    const { vendor, erase, clock, atVendor } = world;
    vendor.audiences = ['a0', 'a1'].map((vendorId) => aVendorAudience({ vendorId }));
    world.join(OLD);
    vendor.platform.eraseContact = ((ask) => (audience, id) => (audience === 'a1' ? Promise.reject(silence) : ask(audience, id)))(
      vendor.platform.eraseContact.bind(vendor.platform),
    );
    await erase(OLD);
    world.join(OLD);
    clock.advance(3_600_000);
    await erase(OLD);
    expect(vendor.members.get('a0')?.size).toBe(0);
    expect(atVendor()).toEqual([OLD]);
  });

  it('loses nothing when two ask for the same person at once', async () => {
    const world = await openChain();
    const [one, other] = await Promise.all([world.erase(OLD, 'include'), world.erase(OLD)]);
    await world.followups.drain();
    expect([one.erased, other.erased]).toContain(true);
    expect(world.atVendor()).toEqual([]);
    expect(world.held()).not.toContain('harborlane');
  });

  it('leaves another tenant alone', async () => {
    const { deps, held, erase } = openErasures();
    await addFact(deps, 'ten_other', OLD, aFact());
    await erase(OLD);
    expect(held()).toContain(OLD);
  });

  it('hears nothing of a person again from what comes late', async () => {
    const { deps, suppressions, erase } = await openChain();
    await erase(OLD, 'include');
    const held = () => JSON.stringify([...suppressions.records.values()]);
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
    const { deps, held, erase } = openErasures();
    await addFact(deps, TENANT, OLD, aFact({ kind: 'complaint', vendorReason: 'abuse' }));
    await erase(OLD);
    expect(held()).toContain('"abuse"');
  });
});

it('is not complete because another account answers, which never held the person', async () => {
  const world = openErasures();
  const { vendor, erase, sweep, followups, erasures, audiences } = world;
  vendor.faults.push({ method: 'eraseContact', error: refusal });
  world.join(OLD);
  await erase(OLD);
  const mine = vendor.audiences;
  // Somebody disconnected the account, and connected another one.
  audiences.records = [];
  vendor.audiences = [aVendorAudience({ vendorId: 'of-another-account' })];
  await sweep();
  await followups.drain();
  expect([...erasures.records.values()]).toMatchObject([{ state: 'open' }]);
  vendor.audiences = mine;
  await sweep();
  await followups.drain();
  expect(world.atVendor()).toEqual([]);
  expect([...erasures.records.values()]).toMatchObject([{ state: 'complete' }]);
});

it('does not wait for an audience that vanished', async () => {
  const world = openErasures();
  const { vendor, erase, sweep, followups, erasures, audiences } = world;
  vendor.faults.push({ method: 'eraseContact', error: refusal });
  const { vendor: asked } = await erase(OLD);
  audiences.records = [anAudience({ id: asked[0]?.audienceId ?? '', vanishedAt: '2026-09-21T00:00:00.000Z' })];
  vendor.audiences = [];
  await sweep();
  await followups.drain();
  expect([...erasures.records.values()]).toMatchObject([{ state: 'complete' }]);
});

it('is not complete while the connection has to be renewed', async () => {
  const { erase, followups, vendor } = openErasures(aConnection({ status: 'needs_reconnect' }));
  expect(await erase(OLD)).toMatchObject({
    erased: false,
    obstacle: 'away',
    vendor: [{ outcome: 'failed', code: 'invalid_token' }],
  });
  await followups.drain();
  expect(vendor.calls).toEqual([]);
});
