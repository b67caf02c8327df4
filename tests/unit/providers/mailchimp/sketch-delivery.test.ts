import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { invalidInput } from '../../../../src/core/shared/app-error.ts';
import { keepUnreadable } from '../../../../src/core/webhook/quarantine.ts';
import { sketchDelivery } from '../../../../src/providers/mailchimp/sketch-delivery.ts';
import { aHook, TENANT } from '../../../support/factories.ts';
import { fakeQuarantine } from '../../../support/fake-quarantine.ts';
import { fakeHasher } from '../../../support/fake-suppressions.ts';
import { testClock } from '../../../support/test-clock.ts';
import { testLog } from '../../../support/test-log.ts';

/** What is stored and logged of one body. */
async function traceOf(body: Buffer) {
  const clock = testClock();
  const deps = { clock, log: testLog(), hasher: fakeHasher, quarantine: fakeQuarantine(clock) };
  await keepUnreadable(deps, aHook('right'), body, sketchDelivery(body), invalidInput('data[email]', 'is not an e-mail address'));
  return { items: [...deps.quarantine.records.values()], lines: deps.log.lines };
}

const percentAll = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const ENCODINGS: readonly ((address: string) => string)[] = [
  (address) => address,
  (address) => address.toUpperCase(),
  encodeURIComponent,
  (address) => encodeURIComponent(encodeURIComponent(address)),
  percentAll,
  (address) => `${address.slice(0, 4)}${percentAll(address.slice(4))}`,
  (address) => JSON.stringify({ email: address }),
  (address) => `"Mona" <${address}>`,
  (address) => address.replace('@', ' at '),
  (address) => address.replace('@', '&#64;'),
];
const NAMES = [
  'type',
  'fired_at',
  'data[action]',
  'data[reason]',
  'data[list_id]',
  'data[campaign_id]',
  'data[email]',
  'data%5Bemail%5D',
  'data[old_email]',
  'data[new_email]',
  'data[id]',
  'data[web_id]',
  'data[email_type]',
  'data[ip_opt]',
  'data[merges][EMAIL]',
  'data[merges][FNAME]',
  'data[merges][NICK]',
  'data[__proto__]',
  '__proto__',
  'email',
  '',
];
const letters = (min: number, max: number) =>
  fc
    .array(fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz0123456789')), { minLength: min, maxLength: max })
    .map((all) => all.join(''));
/** Local part and domain, neither of which is a part of anything else. */
const address = fc.record({
  local: letters(4, 14).map((text) => `zq${text}`),
  domain: fc.tuple(letters(4, 10), fc.constantFrom('.test', '.co.test', '.bücher.test')).map(([text, end]) => `zx${text}${end}`),
});
const part = fc.record({
  address,
  encode: fc.constantFrom(...ENCODINGS),
  name: fc.constantFrom(...NAMES),
  place: fc.constantFrom('value', 'name', 'bare', 'local alone'),
});

describe('what is kept of a delivery that could not be read', () => {
  it('holds no address and no part of one, however it is written and wherever it stands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
        const body = parts.map(({ address: { local, domain }, encode, name, place }) => {
          const written = encode(`${local}@${domain}`);
          if (place === 'name') return `data[${written}]=1`;
          if (place === 'bare') return written;
          return `${name}=${place === 'local alone' ? encode(local) : written}`;
        });
        const kept = JSON.stringify(await traceOf(Buffer.from(body.join('&')))).toLowerCase();
        for (const {
          address: { local, domain },
        } of parts) {
          expect(kept).not.toContain(local);
          expect(kept).not.toContain(domain.split('.')[0]);
        }
      }),
      { numRuns: 300, seed: 20_260_921 },
    );
  });

  it('is small, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 4_000 }), async (bytes) => {
        const { items } = await traceOf(Buffer.from(bytes));
        expect(JSON.stringify(items).length).toBeLessThan(2_048);
      }),
      { seed: 20_260_921 },
    );
    const longest = NAMES.map((name) => `${name}=${'x@y'.repeat(2_000)}`).join('&');
    const many = Array.from({ length: 10_000 }, (_, index) => `data[merges][M${index}]=x`).join('&');
    for (const body of [longest, many, 'x'.repeat(5 * 1024 * 1024)]) {
      const [item] = (await traceOf(Buffer.from(body))).items;
      expect(JSON.stringify(item).length).toBeLessThan(2_048);
      expect(item?.bytes).toBe(body.length);
    }
  });

  it("shows the vendor's own words, so that somebody can see what is wrong", async () => {
    const form = new URLSearchParams({
      type: 'unsubscribe',
      fired_at: '2026-09-21 14:13:20',
      'data[action]': 'vanished',
      'data[reason]': 'manual',
      'data[list_id]': 'c3a91f02be',
      'data[campaign_id]': '',
      'data[email]': 'mona.kvist',
      'data[ip_opt]': '198.51.100.24',
      'data[merges][FNAME]': 'Mona',
      'data[merges][NICK]': 'Mo',
    });
    const [item] = (await traceOf(Buffer.from(form.toString()))).items;
    expect(item).toMatchObject({
      tenantId: TENANT,
      otherFields: 1,
      fields: {
        type: 'unsubscribe',
        fired_at: '2026-09-21 14:13:20',
        'data[action]': '(unknown, 8 characters)',
        'data[reason]': 'manual',
        'data[list_id]': 'c3a91f02be',
        'data[campaign_id]': '(empty)',
        'data[email]': '(no @, 10 characters)',
        'data[ip_opt]': '(not kept)',
        'data[merges][FNAME]': '(not kept)',
      },
    });
  });

  it('tells the same person by the same hash, however the address is written', async () => {
    const hashOf = async (email: string) =>
      (await traceOf(Buffer.from(`type=upemail&data[old_email]=${encodeURIComponent(email)}`))).items[0]?.fields[
        'data[old_email]'
      ];
    expect(await hashOf('Mona@Bücher.test')).toBe(await hashOf(' mona@xn--bcher-kva.test'));
    expect(await hashOf('mona@bücher.test')).not.toBe(await hashOf('moni@bücher.test'));
  });
});
