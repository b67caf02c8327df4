import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { DAY } from '../../../../src/core/shared/clock.ts';
import { LINKS_AT_MOST } from '../../../../src/core/suppression/find-aliases.ts';
import { addFact, findSuppression, moveAddress } from '../../../../src/core/suppression/suppress.ts';
import { aVendorAudience } from '../../../support/fake-platform.ts';
import { aFact, TENANT } from '../../../support/factories.ts';
import { CHAIN, openChain, openErasures, suppressed } from '../../../support/open-erasures.ts';

const [OLD = '', NEW = ''] = CHAIN;
const silence = new AppError('vendor_unavailable', 'No answer.');

describe('other addresses that the platform linked', () => {
  it.each(CHAIN)('are left as they are, here and there, unless somebody decides otherwise: %s', async (named) => {
    const world = await openChain();
    expect(await world.erase(named)).toMatchObject({
      erased: true,
      here: { addressesForgotten: 1 },
      aliases: { erased: [], left: [expect.any(String), expect.any(String)], cutOff: false },
    });
    expect(world.atVendor()).toEqual(CHAIN.filter((email) => email !== named).sort());
    expect(world.asked(CHAIN)).toEqual([['c3a91f02be', named]]);
    for (const email of CHAIN) expect(world.held().includes(email)).toBe(email !== named);
  });

  it.each(CHAIN)('are erased when they are included, whichever address is named: %s', async (named) => {
    const world = await openChain();
    expect(await world.erase(named, 'include')).toMatchObject({
      erased: true,
      here: { addressesForgotten: 3, textsForgotten: 3 },
      aliases: { erased: [expect.any(String), expect.any(String)], left: [] },
    });
    expect(world.atVendor()).toEqual([]);
    expect(world.held()).not.toMatch(/harborlane|Mona/);
    expect(await suppressed(world, CHAIN)).toEqual(CHAIN);
  });

  it('do not lead from alice by a shared mailbox to bob', async () => {
    const world = openErasures();
    const [alice, info, bob] = ['alice@harborlane.test', 'info@harborlane.test', 'bob@harborlane.test'];
    world.join(alice, info, bob);
    await moveAddress(world.deps, TENANT, alice, info);
    await moveAddress(world.deps, TENANT, info, bob);
    expect(await world.erase(alice)).toMatchObject({ erased: true, aliases: { left: { length: 2 } } });
    await world.followups.drain();
    expect(world.atVendor()).toEqual([bob, info]);
    expect(await suppressed(world, [alice, info, bob])).toEqual([alice]);
    expect(await findSuppression(world.deps, TENANT, bob)).toBeUndefined();
  });

  it('whose erasure failed are asked for by the request that names the next address', async () => {
    const world = openErasures();
    world.join(OLD, NEW);
    await moveAddress(world.deps, TENANT, OLD, NEW);
    const ask = world.vendor.platform.eraseContact.bind(world.vendor.platform);
    world.vendor.platform.eraseContact = () => Promise.reject(silence);
    expect(await world.erase(OLD)).toMatchObject({ erased: false });
    // OLD is known by no address any more, and the vendor holds it still.
    expect(await world.erase(NEW)).toMatchObject({ erased: false });
    world.vendor.platform.eraseContact = ask;
    expect(await world.erase(NEW)).toMatchObject({ erased: true });
    expect(world.atVendor()).toEqual([]);
    expect([...world.erasures.records.values()].map(({ state }) => state)).toEqual(['complete', 'complete']);
  });

  it('are no address any more while a tenant is disconnected, and the vendor is asked after a reconnect', async () => {
    const world = await openChain();
    await world.connect('disconnected');
    expect(await world.erase(OLD, 'include')).toMatchObject({ erased: false, obstacle: 'away' });
    await world.followups.drain();
    expect(world.held()).not.toMatch(/harborlane|Mona/);
    expect(world.atVendor()).toHaveLength(3);
    await world.connect('connected');
    await world.sweep();
    await world.followups.drain();
    expect(world.atVendor()).toEqual([]);
    expect([...world.erasures.records.values()]).toMatchObject([{ state: 'complete', contactIds: {} }]);
  });

  it('are not called erased by an erasure that asked before they joined again', async () => {
    const world = openErasures();
    const { vendor, clock, deps, erase, join, followups, atVendor } = world;
    vendor.audiences = [aVendorAudience({ vendorId: 'a0' }), aVendorAudience({ vendorId: 'a1' })];
    join(OLD, NEW);
    await addFact(deps, TENANT, OLD, aFact());
    await moveAddress(deps, TENANT, OLD, NEW);
    const ask = vendor.platform.eraseContact.bind(vendor.platform);
    const silent = new Set(['a1']);
    vendor.platform.eraseContact = (audience, id) => (silent.has(audience) ? Promise.reject(silence) : ask(audience, id));
    expect(await erase(OLD, 'include')).toMatchObject({ erased: false });
    const first = followups.pending.splice(0);
    clock.advance(3 * DAY);
    vendor.members.get('a0')?.add(NEW);
    silent.add('a0');
    expect(await erase(NEW)).toMatchObject({ erased: false });
    const second = followups.pending.splice(0);
    silent.clear();
    followups.pending.push(...first);
    await followups.drain();
    followups.pending.push(...second);
    await followups.drain();
    expect(atVendor()).toEqual([]);
    expect([...world.erasures.records.values()].map(({ state }) => state)).toEqual(['complete', 'complete']);
  });

  it('that the vendor tells of meanwhile keep the chain from being called erased', async () => {
    const { deps, vendor, erase, join, atVendor } = openErasures();
    join(OLD, NEW);
    const ask = vendor.platform.eraseContact.bind(vendor.platform);
    vendor.platform.eraseContact = async (audience, id) => {
      vendor.platform.eraseContact = ask;
      await moveAddress(deps, TENANT, OLD, NEW);
      return ask(audience, id);
    };
    expect(await erase(OLD, 'include')).toMatchObject({ erased: false, obstacle: null, aliases: { left: { length: 1 } } });
    expect(await erase(OLD, 'include')).toMatchObject({ erased: true });
    expect(atVendor()).toEqual([]);
  });

  it('that an erased address moves to later are linked and no more', async () => {
    const { deps, erase, held } = openErasures();
    await erase(OLD);
    await moveAddress(deps, TENANT, OLD, NEW);
    expect(held()).toContain(NEW);
    expect(await erase(OLD)).toMatchObject({ erased: true, aliases: { left: { length: 1 } } });
  });

  it('are followed to 50 and no further, and it is said', async () => {
    const { deps, erase, suppressions, log } = openErasures();
    for (let index = 0; index < LINKS_AT_MOST + 5; index++) await moveAddress(deps, TENANT, OLD, `p${index}@harborlane.test`);
    const { saves } = suppressions;
    await addFact(deps, TENANT, OLD, aFact());
    expect(suppressions.saves - saves).toBe(1 + LINKS_AT_MOST);
    expect(log.lines.map(({ event }) => event)).toContain('suppression.links_cut_off');
    const { aliases, erased } = await erase(OLD, 'include');
    expect([aliases.erased.length, aliases.cutOff, erased]).toEqual([LINKS_AT_MOST, true, false]);
  });
});
