import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeAddressHasher, makeCursors } from '../../../src/storage/pepper.ts';

const pepper =
  (value = 'p'.repeat(32)) =>
  () =>
    Promise.resolve({ pepper: value });
const cursors = makeCursors(pepper());
const refused = { code: 'invalid_cursor' };

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
    await expect(makeCursors(pepper('q'.repeat(32))).open('ten_1', 'campaigns', cursor)).rejects.toMatchObject(refused);
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
