import { beforeEach, describe, expect, it } from '@jest/globals';
import type { TokenOwner, TokenStore } from '../../src/core/connection/connection.ts';
import { newSecret } from '../../src/core/shared/ids.ts';
import { testClock } from '../support/test-clock.ts';

const platform = 'mailchimp' as const;
let serial = 0;
const anOwner = (change: Partial<TokenOwner> = {}): TokenOwner => {
  serial++;
  return { tenantId: `ten_${serial}_${newSecret().slice(0, 8)}`, platform, connectionId: `con_${serial}`, ...change };
};

/**
 * What every way of keeping tokens promises. `open` gives a store with a memory of its own over the same places, as
 * another warm function has.
 */
export function describeTokenStore(name: string, open: (clock: { now(): number }) => TokenStore): void {
  describe(`${name}, as a TokenStore`, () => {
    let clock: ReturnType<typeof testClock>;
    let tokens: TokenStore;
    beforeEach(() => {
      clock = testClock();
      tokens = open(clock);
    });
    const elsewhere = () => open(clock);
    const dead = { code: 'invalid_token' };

    it('gives back what it was given, also to another function', async () => {
      const owner = anOwner();
      const ref = await tokens.create(owner, 'token-1');
      expect(await tokens.read(owner, ref)).toBe('token-1');
      expect(await elsewhere().read(owner, ref)).toBe('token-1');
      expect(ref).not.toContain('token-1');
      expect(tokens.keepsAs(ref)).toBe(true);
    });

    it('keeps one token per connection, however often it is created', async () => {
      const owner = anOwner();
      await tokens.create(owner, 'token-1');
      const ref = await tokens.create(owner, 'token-2');
      expect(await elsewhere().read(owner, ref)).toBe('token-2');
      await tokens.remove(owner);
    });

    it.each([
      ['another tenant', (owner: TokenOwner) => ({ ...owner, tenantId: 'ten_other' })],
      ['a former connection of the tenant', (owner: TokenOwner) => ({ ...owner, connectionId: 'con_former' })],
    ])('gives a token to nobody but its owner: not to %s', async (_, thief) => {
      const owner = anOwner();
      const ref = await tokens.create(owner, 'token-1');
      await tokens.read(owner, ref);
      await expect(tokens.read(thief(owner), ref)).rejects.toMatchObject(dead);
      await expect(elsewhere().read(thief(owner), ref)).rejects.toMatchObject(dead);
    });

    it('refuses both of two references that were swapped', async () => {
      const [one, two] = [anOwner(), anOwner()];
      const [refOne, refTwo] = [await tokens.create(one, 'token-1'), await tokens.create(two, 'token-2')];
      await expect(tokens.read(one, refTwo)).rejects.toMatchObject(dead);
      await expect(tokens.read(two, refOne)).rejects.toMatchObject(dead);
      expect(await tokens.read(one, refOne)).toBe('token-1');
    });

    it('refuses a reference it does not know, and an altered one', async () => {
      const owner = anOwner();
      const ref = await tokens.create(owner, 'token-1');
      for (const wrong of ['', 'arn:', 'envelope:v1:', 'envelope:v1:a.b.c.d', `${ref.slice(0, -3)}AAA`, `${ref}.x`])
        await expect(tokens.read(owner, wrong)).rejects.toMatchObject(dead);
    });

    it('removes without complaint, also what is gone or never was', async () => {
      const owner = anOwner();
      await tokens.create(owner, 'token-1');
      await tokens.remove(owner);
      await tokens.remove(owner);
      await tokens.remove(anOwner());
    });
  });
}
