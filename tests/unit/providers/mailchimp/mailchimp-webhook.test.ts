import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDelivery } from '../../../../src/providers/mailchimp/mailchimp-webhook.ts';
import { BODY } from '../../../support/known-delivery.ts';

const parse = (fields: Record<string, string>) => parseDelivery(Buffer.from(new URLSearchParams(fields).toString()));
const EMAIL = { 'data[email]': 'mona@harborlane.test' };

describe('parseDelivery', () => {
  it('reads the known example', () => {
    expect(parseDelivery(Buffer.from(BODY))).toEqual({
      kind: 'departed',
      email: 'mona.kvist@harborlane.test',
      audienceVendorId: 'c3a91f02be',
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
      audienceVendorId: null,
    });
  });

  it.each(['subscribe', 'profile', 'campaign', 'sms_subscribe', 'sms_unsubscribe', 'upsms', 'sms_campaign', ' Profile '])(
    'ignores %j',
    (type) => {
      expect(parse({ type, ...EMAIL })).toEqual({ kind: 'ignored' });
    },
  );

  it.each([
    ['Unsubscribe', 'unsubscribe'],
    ['unsubscribe ', 'unsubscribe'],
    ['\tUNSUBSCRIBE\n', 'unsubscribe'],
    ['CLEANED', 'bounce'],
  ])('hears the departure in %j', (type, reason) => {
    expect(parse({ type, ...EMAIL })).toMatchObject({ kind: 'departed', reason });
  });

  it('hears a change of address in capitals', () => {
    expect(parse({ type: 'UpEmail ', 'data[new_email]': 'n@x.test', 'data[old_email]': 'o@x.test' })).toMatchObject({
      kind: 'moved',
    });
  });

  it.each(['something_new', 'unsubscribed', 'un subscribe', 'batch_operation_completed', 'constructor', 'unsubscribe\u0000'])(
    'does not pass over the type %j, which may say that somebody left',
    (type) => {
      const problem = { field: 'type', message: 'is none that is known' };
      expect(() => parse({ type, ...EMAIL })).toThrow(
        expect.objectContaining({ code: 'invalid_input', extras: expect.objectContaining({ errors: [problem] }) }),
      );
    },
  );

  it.each([
    ['data[reason]=manual&data[reason]=abuse', { reason: 'complaint', vendorReason: 'abuse' }],
    ['data[reason]=abuse&data[reason]=manual', { reason: 'complaint', vendorReason: 'abuse' }],
    ['data[reason]=manual&data[reason]=+Abuse+&data[action]=delete', { reason: 'complaint', vendorReason: 'Abuse' }],
    ['data[reason]=&data[reason]=manual', { reason: 'unsubscribe', vendorReason: 'manual' }],
    ['data[action]=unsub&data[action]=archive&data[reason]=manual', { reason: 'unsubscribe', vendorReason: 'archive' }],
    ['data[action]=archive&data[action]=delete', { reason: 'unsubscribe', vendorReason: 'delete' }],
    ['data[action]=Delete', { reason: 'unsubscribe', vendorReason: 'delete' }],
    ['fired_at=2026-09-20 10:00:00&fired_at=2026-09-20 11:00:00', { at: '2026-09-20T11:00:00.000Z' }],
    ['fired_at=2026-09-20 11:00:00&fired_at=2026-09-20 10:00:00', { at: '2026-09-20T11:00:00.000Z' }],
    ['fired_at=2026-09-20 11:00:00&fired_at=yesterday', { at: null }],
  ])('takes the graver of two: %s', (fields, wanted) => {
    const body = `type=unsubscribe&data[email]=a%40x.test&${fields}`;
    expect(parseDelivery(Buffer.from(body))).toMatchObject({ kind: 'departed', ...wanted });
  });

  it.each([
    ['delete', 'manual', 'unsubscribe', 'delete'],
    ['archive', 'manual', 'unsubscribe', 'archive'],
    ['archive', '', 'unsubscribe', 'archive'],
    ['unsub', 'manual', 'unsubscribe', 'manual'],
    ['unsub', '', 'unsubscribe', null],
    ['delete', 'abuse', 'complaint', 'abuse'],
    ['unsub', 'ABUSE', 'complaint', 'ABUSE'],
  ])('an unsubscribe by %s with the reason %j suppresses: %s, %j', (action, reason, wanted, vendorReason) => {
    const fields = { type: 'unsubscribe', ...EMAIL, 'data[action]': action, 'data[reason]': reason };
    expect(parse(fields)).toMatchObject({ kind: 'departed', reason: wanted, vendorReason });
  });

  it.each(['', 'x'.repeat(2_000), 'no id\u0000'])('suppresses without a campaign when it is %j', (campaign) => {
    expect(parse({ type: 'cleaned', ...EMAIL, 'data[campaign_id]': campaign })).toMatchObject({ campaignVendorId: null });
  });

  it.each([
    'abc@deletedcontact.forgotten.mailchimp.com',
    'ABC@DeletedContact.Forgotten.MAILCHIMP.com',
    'abc@forgotten.mailchimp.com',
    ' abc@x.forgotten.mailchimp.com. ',
  ])('ignores somebody who was forgotten: %s', (forgotten) => {
    const moved = (from: string, to: string) => ({ type: 'upemail', 'data[old_email]': from, 'data[new_email]': to });
    for (const fields of [
      { type: 'unsubscribe', 'data[email]': forgotten },
      { type: 'cleaned', 'data[email]': forgotten, 'data[reason]': 'hard' },
      moved(forgotten, 'n@x.test'),
      moved('o@x.test', forgotten),
    ])
      expect(parse(fields)).toEqual({ kind: 'ignored' });
  });

  it('takes somebody whose domain only looks forgotten for a person', () => {
    for (const email of ['a@unforgotten.mailchimp.com', 'a@forgotten.mailchimp.com.test'])
      expect(parse({ type: 'cleaned', 'data[email]': email })).toMatchObject({ kind: 'departed', email });
  });

  it.each([
    ['no type', EMAIL],
    ['a type of nothing but spaces', { type: ' ', ...EMAIL }],
    ['no address', { type: 'unsubscribe' }],
    ['something that is no address', { type: 'cleaned', 'data[email]': 'nobody' }],
    ['an address without end', { type: 'cleaned', 'data[email]': `${'a'.repeat(400)}@x.test` }],
    ['an address with a byte that is no text', { type: 'cleaned', 'data[email]': 'mo\uFFFDna@x.test' }],
    ['an address with a NUL', { type: 'cleaned', 'data[email]': 'mo\u0000na@x.test' }],
    ['nothing but invisible marks in front of the @', { type: 'cleaned', 'data[email]': '\u200B@x.test' }],
    ['a move from nowhere', { type: 'upemail', 'data[new_email]': 'o@x.test', 'data[old_email]': 'nobody' }],
    ['a move to nowhere', { type: 'upemail', 'data[old_email]': 'o@x.test' }],
    ['nothing', {}],
  ])('refuses %s', (_name, fields: Record<string, string>) => {
    expect(() => parse(fields)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });

  it('takes whatever else the vendor holds somebody under, even what no caller may give', () => {
    for (const email of ['\u200Bmona@x.test', 'mo\u200Bna@x.test', 'mailto:mona@x.test', 'mona@localhost', 'mona@x.test.'])
      expect(parse({ type: 'cleaned', 'data[email]': email })).toMatchObject({ kind: 'departed', email });
    expect(parse({ type: 'cleaned', 'data[email]': 'a@forgotten.mailchimp.com\u200B' })).toEqual({ kind: 'ignored' });
  });

  it.each(['', 'yesterday', '2026-09-21', '2026-13-41 99:00:00'])('has no time when fired_at is %j', (fired_at) => {
    expect(parse({ type: 'unsubscribe', ...EMAIL, fired_at })).toMatchObject({ at: null });
  });

  it('refuses two addresses in one delivery, and a body longer than any', () => {
    const twice = 'type=cleaned&data[email]=a%40x.test&data[email]=b%40x.test';
    const long = `type=cleaned&data[email]=a%40x.test&data[merges][FNAME]=${'x'.repeat(1024 * 1024)}`;
    for (const body of [twice, long])
      expect(() => parseDelivery(Buffer.from(body))).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    expect(parseDelivery(Buffer.from(twice.replace('b%40', 'a%40')))).toMatchObject({ email: 'a@x.test' });
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
