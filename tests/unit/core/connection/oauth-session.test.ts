import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openToken, sealToken } from '../../../../src/core/connection/oauth-session.ts';
import { newSecret } from '../../../../src/core/shared/ids.ts';

describe('a sealed token', () => {
  it('opens for its ticket and for no other', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (token) => {
        const [ticket, other] = [newSecret(), newSecret()];
        const sealed = sealToken(token, ticket);
        expect(openToken(sealed, ticket)).toBe(token);
        expect(() => openToken(sealed, other)).toThrow();
      }),
    );
  });

  it('does not open once a bit of it was changed', () => {
    const ticket = newSecret();
    const sealed = Buffer.from(sealToken('0f3b9c-token', ticket), 'base64');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const altered = Buffer.from(sealed);
      altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => openToken(altered.toString('base64'), ticket)).toThrow();
    }
  });

  it('shows nothing of the token and is never the same twice', () => {
    const ticket = newSecret();
    const [one, two] = [sealToken('visible-token', ticket), sealToken('visible-token', ticket)];
    expect(one).not.toBe(two);
    expect(Buffer.from(one, 'base64').toString('latin1')).not.toContain('visible');
  });

  it.each(['', 'AAAA', 'not base64 at all'])('throws for %j instead of giving something', (sealed) => {
    expect(() => openToken(sealed, newSecret())).toThrow();
  });
});
