import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HashIndex } from '../../local/simulator/hash-index.ts';
import { memberId } from '../../local/simulator/ids.ts';
import { mailing } from '../../local/simulator/mailing.ts';
import type { Reaction } from '../../local/simulator/reactions.ts';
import { openSimulation } from './open-simulation.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const shape = fc.record({
  seed: fc.string({ maxLength: 8 }),
  recipients: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(999, 1_000, 1_001, 3_456)),
  soft: fc.double({ min: 0, max: 0.6, noNaN: true }),
  hard: fc.double({ min: 0, max: 0.6, noNaN: true }),
  elapsed: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 * DAY })),
});

describe('what recipients do with a mailing', () => {
  it('adds up to what is counted of it, at any time', () => {
    fc.assert(
      fc.property(shape, ({ seed, recipients, soft, hard, elapsed }) => {
        const { sim, campaign } = openSimulation(seed, recipients, Math.round(soft * recipients), Math.round(hard * recipients));
        const counted = mailing(sim, campaign);
        const all = Array.from({ length: recipients }, (_, recipient) => counted.reactions.of(recipient));
        const happened = all.map(({ openings, clicks }) => ({
          openings: openings.filter(({ after }) => after <= elapsed),
          clicks: clicks.filter(({ after }) => after <= elapsed),
        }));
        const sum = (numberOf: (seen: (typeof happened)[number]) => number): number =>
          happened.reduce((total, seen) => total + numberOf(seen), 0);
        const own = (seen: (typeof happened)[number]): number => seen.openings.filter(({ proxy }) => !proxy).length;
        expect({
          opens: counted.opens.by(elapsed),
          uniqueOpens: counted.uniqueOpens.by(elapsed),
          ownOpens: counted.ownOpens.by(elapsed),
          ownUniqueOpens: counted.ownUniqueOpens.by(elapsed),
          clicks: counted.clicks.by(elapsed),
          uniqueClicks: counted.uniqueClicks.by(elapsed),
          clickers: counted.clickers.by(elapsed),
          lastOpen: counted.opens.lastBy(elapsed),
        }).toEqual({
          opens: sum(({ openings }) => openings.length),
          uniqueOpens: sum(({ openings }) => Math.min(1, openings.length)),
          ownOpens: sum(own),
          ownUniqueOpens: sum((seen) => Math.min(1, own(seen))),
          clicks: sum(({ clicks }) => clicks.length),
          uniqueClicks: sum(({ clicks }) => new Set(clicks.map(({ link }) => link)).size),
          clickers: sum(({ clicks }) => Math.min(1, clicks.length)),
          lastOpen: happened.flatMap(({ openings }) => openings.map(({ after }) => after)).toSorted((a, b) => b - a)[0],
        });
      }),
      { numRuns: 60 },
    );
  });

  it('bounces as often as asked up to a thousand recipients, and never more often beyond', () => {
    fc.assert(
      fc.property(shape, ({ seed, recipients, soft, hard }) => {
        const wanted = {
          soft: Math.round(soft * recipients),
          hard: Math.min(Math.round(hard * recipients), recipients - Math.round(soft * recipients)),
        };
        const { sim, campaign } = openSimulation(seed, recipients, wanted.soft, wanted.hard);
        const { reactions } = mailing(sim, campaign);
        const counted = (outcome: Reaction['outcome']): number => reactions.count(outcome);
        expect(counted('soft') + counted('hard') + counted('delivered')).toBe(recipients);
        for (const kind of ['soft', 'hard'] as const) {
          expect(counted(kind)).toBeLessThanOrEqual(wanted[kind]);
          if (recipients <= 1_000) expect(counted(kind)).toBe(wanted[kind]);
          else expect(wanted[kind] - counted(kind)).toBeLessThan(recipients / 1_000 + 1);
        }
      }),
    );
  });

  it('is silence from those whom the mail did not reach', () => {
    const { sim, campaign } = openSimulation('rye', 600, 100, 100);
    const { reactions } = mailing(sim, campaign);
    const silent = Array.from({ length: 600 }, (_, recipient) => reactions.of(recipient)).filter(
      ({ outcome }) => outcome !== 'delivered',
    );
    expect(silent).toHaveLength(200);
    expect(silent.every(({ openings, clicks }) => openings.length + clicks.length === 0)).toBe(true);
  });

  it('goes on for days, and proxies open within the hour', () => {
    const { sim, campaign } = openSimulation('rye', 5_000, 0, 0);
    const { uniqueOpens, ownUniqueOpens, opens } = mailing(sim, campaign);
    const proxied = (elapsed: number): number => uniqueOpens.by(elapsed) - ownUniqueOpens.by(elapsed);
    expect(uniqueOpens.by(0)).toBeGreaterThan(0);
    expect(proxied(HOUR)).toBe(proxied(30 * DAY));
    expect(proxied(HOUR)).toBeGreaterThan(proxied(0));
    for (const [earlier, later] of [
      [HOUR, 6 * HOUR],
      [6 * HOUR, DAY],
      [DAY, 3 * DAY],
    ] as const)
      expect(ownUniqueOpens.by(later)).toBeGreaterThan(ownUniqueOpens.by(earlier));
    expect(opens.by(10 * DAY)).toBeGreaterThan(opens.by(3 * DAY));
  });

  it('knows nobody beyond its last recipient', () => {
    const { sim, campaign } = openSimulation('rye', 12, 0, 0);
    const { reactions } = mailing(sim, campaign);
    expect(reactions.of(11).outcome).toBe('delivered');
    expect(() => reactions.of(12)).toThrow(RangeError);
  });
});

describe('an index of hashes', () => {
  it('finds each where it was put, and no other', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 60 }), fc.string(), (names, stranger) => {
        const hashes = names.map(memberId);
        const index = new HashIndex(hashes.length, (place) => hashes[place] ?? '');
        expect(hashes.map((hash) => index.find(hash))).toEqual(hashes.map((hash) => hashes.indexOf(hash)));
        expect(index.find(memberId(stranger))).toBe(hashes.indexOf(memberId(stranger)));
        expect(index.find('no hash at all')).toBe(-1);
      }),
    );
  });

  it('tells hashes apart that begin alike', () => {
    const hashes = ['abcdef0123456789abcdef0123456789', 'abcdef0123456780abcdef0123456789', `abcdef0123456789${'0'.repeat(16)}`];
    const index = new HashIndex(hashes.length, (place) => hashes[place] ?? '');
    expect(hashes.map((hash) => index.find(hash))).toEqual([0, 1, 2]);
    expect(index.find(`abcdef0123456789${'1'.repeat(16)}`)).toBe(-1);
  });
});
