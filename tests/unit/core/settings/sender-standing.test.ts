import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { VendorDomain } from '../../../../src/core/email-platform/email-platform.ts';
import { freeMailDomains } from '../../../../src/core/settings/free-mail.ts';
import { assessSender, type SenderStanding, type Silence } from '../../../../src/core/settings/sender-standing.ts';

const FREE = new Set(['gmail.com']);
const listed = (more: Partial<VendorDomain> = {}): VendorDomain[] => [
  { domain: 'HarborLane.test', verification: 'done', authenticated: false, freeMail: false, ...more },
];
const ines = 'ines@harborlane.TEST';

describe('how an address stands as a sender', () => {
  it.each<
    [string, string, VendorDomain[] | Silence, SenderStanding['domainStatus'], boolean | null, boolean | null, RegExp | null]
  >([
    ['verified', ines, listed(), 'verified', true, false, /^You can send. Authenticate harborlane.test/],
    ['authenticated', ines, listed({ authenticated: true }), 'authenticated', true, true, null],
    [
      'waiting for its code',
      ines,
      listed({ verification: 'pending' }),
      'pending',
      false,
      false,
      /mailed a code to an address of harborlane.test/,
    ],
    ['with an old code', ines, listed({ verification: 'expired' }), 'expired', false, false, /new code for harborlane.test/],
    ['listed without a code', ines, listed({ verification: 'none' }), 'unverified', false, false, /add harborlane.test/],
    [
      'not verified but in DNS',
      ines,
      listed({ verification: 'none', authenticated: true }),
      'unverified',
      false,
      true,
      /add harborlane.test/,
    ],
    ['not listed', 'ines@elsewhere.test', listed(), 'unverified', false, false, /add elsewhere.test/],
    [
      'a subdomain of a verified one',
      'ines@mail.harborlane.test',
      listed(),
      'unverified',
      false,
      false,
      /add mail.harborlane.test/,
    ],
    ['the parent of a verified one', 'ines@test', listed(), 'unverified', false, false, /add test/],
    ['the ending of a verified one', 'ines@lane.test', listed(), 'unverified', false, false, /add lane.test/],
    ['a free mailer', 'ines@GMail.com', listed(), 'free_mail', false, false, /domain of your own.*gmail.com/],
    [
      'a free mailer while nothing is connected',
      'ines@gmail.com',
      'not_connected',
      'free_mail',
      null,
      null,
      /domain of your own/,
    ],
    [
      'what the vendor calls a free mailer',
      ines,
      listed({ verification: 'none', freeMail: true }),
      'free_mail',
      true,
      false,
      /domain of your own/,
    ],
    [
      'a free name that is verified',
      'a@gmail.com',
      listed({ domain: 'gmail.com' }),
      'verified',
      true,
      false,
      /Authenticate gmail.com/,
    ],
    ['not connected', ines, 'not_connected', 'unknown', null, null, /^Connect Mailchimp.*harborlane.test/],
    ['a lost connection', ines, 'needs_reconnect', 'unknown', null, null, /^Reconnect Mailchimp.*harborlane.test/],
    ['no answer', ines, 'no_answer', 'unknown', null, null, /few minutes.*harborlane.test/],
    ['no right', ines, 'no_right', 'unknown', null, null, /admin.*harborlane.test/],
  ])('%s', (_name, email, domains, domainStatus, verified, authenticated, fix) => {
    const standing = assessSender(email, domains, FREE);
    expect(standing).toMatchObject({ domainStatus, verified, authenticated, freeMail: domainStatus === 'free_mail' });
    expect(standing.reason).toBe(typeof domains === 'string' ? domains : null);
    if (fix === null) expect(standing.fix).toBeNull();
    else expect(standing.fix).toMatch(fix);
    const isFine = domainStatus === 'verified' || domainStatus === 'authenticated';
    expect(standing.cause === null).toBe(isFine);
    if (verified === false && domainStatus !== 'free_mail') expect(standing.fix).toMatch(/^Verify in the Mailchimp dashboard/);
  });

  it('compares in ASCII and speaks in the letters people know', () => {
    for (const [email, domain] of [
      ['post@BÄCKEREI.test', 'xn--bckerei-5wa.test'],
      ['post@xn--bckerei-5wa.test', 'bäckerei.test'],
    ] as const) {
      expect(assessSender(email, listed({ domain }), FREE)).toMatchObject({
        domain: 'xn--bckerei-5wa.test',
        domainStatus: 'verified',
      });
      expect(assessSender(email, [], FREE).fix).toContain('bäckerei.test');
    }
  });

  it('takes no other domain for a verified one', () => {
    const name = fc.stringMatching(/^[a-z]{1,8}(\.[a-z]{1,8}){1,2}$/);
    fc.assert(
      fc.property(name, name, (mine, theirs) => {
        const { verified } = assessSender(`a@${mine}`, listed({ domain: theirs }), new Set());
        expect(verified).toBe(mine === theirs);
      }),
    );
  });
});

describe('the free mailers', () => {
  it('are the large ones of many countries, and nobody else', async () => {
    const known = await freeMailDomains();
    const large =
      'gmail.com googlemail.com yahoo.com yahoo.co.uk hotmail.com outlook.com icloud.com aol.com gmx.de gmx.ch web.de';
    expect(`${large} proton.me qq.com mail.ru orange.fr fastmail.com`.split(' ').filter((domain) => !known.has(domain))).toEqual(
      [],
    );
    expect(['harborlane.test', 'mailchimp.com', 'illixis.com', 'nytimes.com', ''].filter((domain) => known.has(domain))).toEqual(
      [],
    );
    expect([...known].filter((domain) => domain !== domain.toLowerCase().trim())).toEqual([]);
  });
});
