import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { verifySignature } from '../../../../src/providers/mailchimp/mailchimp-webhook.ts';
import { BODY, SECRET, SENT_MS, SIGNATURE } from '../../../support/known-delivery.ts';

const verify = (change: { body?: Buffer; signature?: string; secret?: string; at?: number } = {}) =>
  verifySignature({
    rawBody: change.body ?? Buffer.from(BODY),
    signature: 'signature' in change ? change.signature : SIGNATURE,
    signingSecret: change.secret ?? SECRET,
    receivedAtMs: change.at ?? SENT_MS,
  });
const sign = (stamp: string, body = BODY): string => createHmac('sha256', SECRET).update(`${stamp}.${body}`).digest('hex');

describe('verifySignature', () => {
  it('takes the known example', () => {
    expect(verify()).toBe('good');
  });

  it.each([
    [-300_000, 'good'],
    [300_000, 'good'],
    [-300_001, 'stale'],
    [300_001, 'stale'],
    [NaN, 'stale'],
    [Infinity, 'stale'],
    [-Infinity, 'stale'],
  ])('%i ms away from its time', (offset, wanted) => {
    expect(verify({ at: SENT_MS + offset })).toBe(wanted);
  });

  it('calls late only what is rightly signed', () => {
    const late = SENT_MS + 301_000;
    expect(verify({ at: late })).toBe('stale');
    expect(verify({ at: late, secret: `${SECRET}x` })).toBe('forged');
    expect(verify({ at: late, body: Buffer.from(`${BODY}&`) })).toBe('forged');
    expect(verify({ at: NaN, secret: `${SECRET}x` })).toBe('forged');
    expect(verify({ at: late, signature: `${SIGNATURE},t=${late / 1_000}` })).toBe('forged');
    expect(verify({ at: late, signature: 't=1790000000' })).toBe('forged');
  });

  it('takes one right v1 among several', () => {
    const [stamp, right] = SIGNATURE.split(',');
    expect(verify({ signature: `${stamp},v1=${'0'.repeat(64)},${right}` })).toBe('good');
    expect(verify({ signature: `${stamp},v1=${'0'.repeat(64)}` })).toBe('forged');
  });

  it.each(['', 't=1790000000', 'v1=9479b2', 't=,v1=', 't=abc,v1=abc', `t=NaN,v1=${sign('NaN')}`, `t=-1,v1=${sign('-1')}`])(
    'refuses the header %j',
    (signature) => {
      expect(verify({ signature })).toBe('forged');
    },
  );

  it.each([
    ['two times', `${SIGNATURE},t=1790000000`],
    ['a longer time', SIGNATURE.replace(',', '=1,')],
    ['a longer hash', `${SIGNATURE}=1`],
    ['a hash in capitals', SIGNATURE.toUpperCase().replace('T=', 't=').replace('V1=', 'v1=')],
    ['an older kind of signature', SIGNATURE.replace('v1=', 'v0=')],
    ['the same header twice', `${SIGNATURE},${SIGNATURE}`],
  ])('refuses %s', (_name, signature) => {
    expect(verify({ signature })).toBe('forged');
  });

  it('refuses another secret', () => {
    expect(verify({ secret: `${SECRET}x` })).toBe('forged');
  });

  it('refuses any other byte of the body', () => {
    fc.assert(
      fc.property(fc.nat({ max: BODY.length - 1 }), fc.integer({ min: 1, max: 255 }), (index, change) => {
        const body = Buffer.from(BODY);
        body.writeUInt8(body.readUInt8(index) ^ change, index);
        expect(verify({ body })).toBe('forged');
      }),
    );
  });

  it('refuses any other character of the header', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: SIGNATURE.length - 1 }),
        fc.constantFrom(' ', ...'0,1,2,3,9,a,b,e,f,=,v,t,x,.'.split(',')),
        (index, character) => {
          fc.pre(SIGNATURE[index] !== character);
          expect(verify({ signature: SIGNATURE.slice(0, index) + character + SIGNATURE.slice(index + 1) })).toBe('forged');
        },
      ),
      { numRuns: 500 },
    );
  });
});
