import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDelivery, verifySignature } from '../../../../src/providers/mailchimp/mailchimp-webhook.ts';

const SECRET = 'mcsig_local_4f9d2c71';
const SENT_MS = 1_790_000_000_000;
const SIGNATURE = 't=1790000000,v1=9479b21bd228026b5b8035420d6758514181d0fc5ecf41cbaf7ff9aa31448757';
const BODY =
  'type=unsubscribe&fired_at=2026-09-21+14%3A13%3A20&data%5Baction%5D=unsub&data%5Breason%5D=manual&data%5Bid%5D=7d1c0b9a42' +
  '&data%5Blist_id%5D=c3a91f02be&data%5Bemail%5D=mona.kvist%40harborlane.test&data%5Bemail_type%5D=html' +
  '&data%5Bip_opt%5D=198.51.100.24&data%5Bweb_id%5D=51207733&data%5Bcampaign_id%5D=9be04d71aa' +
  '&data%5Bmerges%5D%5BEMAIL%5D=mona.kvist%40harborlane.test&data%5Bmerges%5D%5BFNAME%5D=Mona';

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
    expect(verify()).toBe(true);
  });

  it.each([
    [-300_000, true],
    [300_000, true],
    [-300_001, false],
    [300_001, false],
  ])('%i ms away from its time', (offset, wanted) => {
    expect(verify({ at: SENT_MS + offset })).toBe(wanted);
  });

  it('takes one right v1 among several', () => {
    const [stamp, right] = SIGNATURE.split(',');
    expect(verify({ signature: `${stamp},v1=${'0'.repeat(64)},${right}` })).toBe(true);
    expect(verify({ signature: `${stamp},v1=${'0'.repeat(64)}` })).toBe(false);
  });

  it.each(['', 't=1790000000', 'v1=9479b2', 't=,v1=', 't=abc,v1=abc', `t=NaN,v1=${sign('NaN')}`, `t=-1,v1=${sign('-1')}`])(
    'refuses the header %j',
    (signature) => {
      expect(verify({ signature })).toBe(false);
    },
  );

  it('refuses another secret', () => {
    expect(verify({ secret: `${SECRET}x` })).toBe(false);
  });

  it('refuses any other byte of the body', () => {
    fc.assert(
      fc.property(fc.nat({ max: BODY.length - 1 }), fc.integer({ min: 1, max: 255 }), (index, change) => {
        const body = Buffer.from(BODY);
        body.writeUInt8(body.readUInt8(index) ^ change, index);
        expect(verify({ body })).toBe(false);
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
          expect(verify({ signature: SIGNATURE.slice(0, index) + character + SIGNATURE.slice(index + 1) })).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });
});

const parse = (fields: Record<string, string>) => parseDelivery(Buffer.from(new URLSearchParams(fields).toString()));
const EMAIL = { 'data[email]': 'mona@harborlane.test' };

describe('parseDelivery', () => {
  it('reads the known example', () => {
    expect(parseDelivery(Buffer.from(BODY))).toEqual({
      kind: 'departed',
      email: 'mona.kvist@harborlane.test',
      reason: 'unsubscribe',
      campaignVendorId: '9be04d71aa',
      at: '2026-09-21T14:13:20.000Z',
      vendorReason: 'manual',
    });
  });

  it.each([
    ['unsubscribe', 'manual', 'unsubscribe'],
    ['unsubscribe', 'abuse', 'complaint'],
    ['cleaned', 'hard', 'bounce'],
    ['cleaned', 'abuse', 'complaint'],
  ])('%s with the reason %s is a %s', (type, reason, wanted) => {
    expect(parse({ type, ...EMAIL, 'data[reason]': reason })).toMatchObject({
      kind: 'departed',
      reason: wanted,
      vendorReason: reason,
    });
  });

  it('reads a change of address', () => {
    expect(parse({ type: 'upemail', 'data[new_email]': 'n@x.test', 'data[old_email]': 'o@x.test' })).toEqual({
      kind: 'moved',
      from: 'o@x.test',
      to: 'n@x.test',
    });
  });

  it.each(['subscribe', 'profile', 'campaign', 'something_new'])('ignores %s', (type) => {
    expect(parse({ type, ...EMAIL })).toEqual({ kind: 'ignored' });
  });

  it('ignores somebody who was forgotten', () => {
    expect(parse({ type: 'unsubscribe', 'data[email]': 'abc@deletedcontact.forgotten.mailchimp.com' })).toEqual({
      kind: 'ignored',
    });
  });

  it.each([
    ['no type', EMAIL],
    ['no address', { type: 'unsubscribe' }],
    ['something that is no address', { type: 'cleaned', 'data[email]': 'nobody' }],
    ['an address without end', { type: 'cleaned', 'data[email]': `${'a'.repeat(400)}@x.test` }],
    ['a move to nowhere', { type: 'upemail', 'data[old_email]': 'o@x.test' }],
    ['nothing', {}],
  ])('refuses %s', (_name, fields: Record<string, string>) => {
    expect(() => parse(fields)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });

  it.each(['', 'yesterday', '2026-09-21', '2026-13-41 99:00:00'])('has no time when fired_at is %j', (fired_at) => {
    expect(parse({ type: 'unsubscribe', ...EMAIL, fired_at })).toMatchObject({ at: null });
  });

  it('throws nothing but invalid_input, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string().map((text) => Buffer.from(`type=unsubscribe&${text}`)),
        ),
        (bytes) => {
          try {
            parseDelivery(Buffer.from(bytes));
          } catch (error) {
            expect(error).toMatchObject({ code: 'invalid_input' });
          }
        },
      ),
    );
  });
});
