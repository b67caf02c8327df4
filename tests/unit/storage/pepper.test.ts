import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeAddressHasher, makeCursors } from '../../../src/storage/pepper.ts';

const pepper =
  (value = 'p'.repeat(32)) =>
  () =>
    Promise.resolve({ pepper: value });
const cursors = makeCursors(pepper(), ['c1']);
const refused = { code: 'invalid_cursor' };

describe('the key of cursors', () => {
  /** The deployments of a rotation, in the order of the runbook. */
  const STEPS = [['c1'], ['c1', 'c2'], ['c2', 'c1']] as const;
  const ofStep = (step: number) => makeCursors(pepper(), STEPS[step] ?? ['c1']);

  it('changes under a walk through a list, although two deployments answer at the same time, and refuses no page', async () => {
    const turn = fc.record({ deploys: fc.boolean(), byOlder: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 30 }), async (turns) => {
        let step = 0;
        let cursor: string | undefined;
        for (const [page, { deploys, byOlder }] of turns.entries()) {
          // While a deployment goes on, some containers still have the settings before it.
          if (deploys && step < STEPS.length - 1) step++;
          const answering = ofStep(byOlder ? Math.max(0, step - 1) : step);
          expect(await answering.open('ten_1', 'campaigns', cursor)).toBe(page === 0 ? null : `page ${page}`);
          cursor = (await answering.sign('ten_1', 'campaigns', `page ${page + 1}`)) ?? undefined;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('signs with the first and opens with all, and with one that was taken out no more', async () => {
    const former = (await ofStep(0).sign('ten_1', 'campaigns', 'CAMPAIGN#1')) ?? '';
    const current = (await ofStep(2).sign('ten_1', 'campaigns', 'CAMPAIGN#1')) ?? '';
    expect([former.split('.')[0], current.split('.')[0]]).toEqual(['c1', 'c2']);
    expect(await ofStep(2).open('ten_1', 'campaigns', former)).toBe('CAMPAIGN#1');
    await expect(makeCursors(pepper(), ['c2']).open('ten_1', 'campaigns', former)).rejects.toMatchObject(refused);
    // Another id is another key: a cursor is not renamed.
    await expect(ofStep(2).open('ten_1', 'campaigns', former.replace('c1.', 'c2.'))).rejects.toMatchObject(refused);
  });
});

describe('cursors', () => {
  it('open to the position they were signed for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (position) => {
        const cursor = await cursors.sign('ten_1', 'campaigns', position);
        expect(await cursors.open('ten_1', 'campaigns', cursor ?? undefined)).toBe(position);
      }),
    );
  });

  it('are none at the beginning and at the end', async () => {
    expect(await cursors.sign('ten_1', 'campaigns', null)).toBeNull();
    expect(await cursors.open('ten_1', 'campaigns', undefined)).toBeNull();
  });

  it('are refused by another tenant, list and deployment', async () => {
    const cursor = (await cursors.sign('ten_1', 'campaigns', 'CAMPAIGN#1')) ?? '';
    await expect(cursors.open('ten_2', 'campaigns', cursor)).rejects.toMatchObject(refused);
    await expect(cursors.open('ten_1', 'suppressions', cursor)).rejects.toMatchObject(refused);
    await expect(makeCursors(pepper('q'.repeat(32)), ['c1']).open('ten_1', 'campaigns', cursor)).rejects.toMatchObject(refused);
  });

  it('are refused with any other character', async () => {
    const cursor = (await cursors.sign('ten_1', 'campaigns', 'CAMPAIGN#01J8B0000000000000000000AA')) ?? '';
    const character = fc.constantFrom('A', 'z', '0', '-', '_', '.', ' ', '=', 'é');
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: cursor.length - 1 }), character, async (index, other) => {
        fc.pre(cursor[index] !== other);
        const altered = cursor.slice(0, index) + other + cursor.slice(index + 1);
        await expect(cursors.open('ten_1', 'campaigns', altered)).rejects.toMatchObject(refused);
      }),
      { numRuns: 500 },
    );
  });

  it('are refused when something is added or left out, and when they are made up', async () => {
    const cursor = (await cursors.sign('ten_1', 'campaigns', 'CAMPAIGN#1')) ?? '';
    for (const altered of [
      `${cursor}.x`,
      `${cursor}=`,
      `${cursor} `,
      ` ${cursor}`,
      cursor.slice(0, -1),
      cursor.slice(1),
      '',
      'c1',
      'c1..',
    ])
      await expect(cursors.open('ten_1', 'campaigns', altered)).rejects.toMatchObject(refused);
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) =>
        expect(cursors.open('ten_1', 'campaigns', text)).rejects.toMatchObject(refused),
      ),
    );
  });
});

describe('the address hasher', () => {
  const hasher = makeAddressHasher(pepper());

  it('gives one tenant the same hash again, another tenant and deployment another', async () => {
    const hash = await hasher.hash('ten_1', 'mona@harborlane.test');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await makeAddressHasher(pepper()).hash('ten_1', 'mona@harborlane.test')).toBe(hash);
    const others = [
      await hasher.hash('ten_2', 'mona@harborlane.test'),
      await hasher.hash('ten_1', 'mona+vip@harborlane.test'),
      await makeAddressHasher(pepper('q'.repeat(32))).hash('ten_1', 'mona@harborlane.test'),
    ];
    expect(new Set([hash, ...others]).size).toBe(4);
  });

  it('spreads addresses over all sixteen shards', async () => {
    const hashes = await Promise.all(Array.from({ length: 500 }, (_, index) => hasher.hash('ten_1', `p${index}@x.test`)));
    expect(new Set(hashes.map((hash) => hash[0])).size).toBe(16);
  });

  it('asks for the pepper again after a failure', async () => {
    let calls = 0;
    const flaky = makeAddressHasher(() => (++calls === 1 ? Promise.reject(new Error('unreachable')) : pepper()()));
    await expect(flaky.hash('ten_1', 'a@x.test')).rejects.toThrow('unreachable');
    expect(await flaky.hash('ten_1', 'a@x.test')).toBe(await hasher.hash('ten_1', 'a@x.test'));
  });
});
