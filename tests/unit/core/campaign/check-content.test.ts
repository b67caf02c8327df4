import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { checkContent } from '../../../../src/core/campaign/check-content.ts';
import { inspectHtml } from '../../../../src/core/campaign/inspect-html.ts';
import type { HostStanding } from '../../../../src/core/shared/public-host.ts';
import { mailchimpMarkup } from '../../../../src/providers/mailchimp/compliance-tags.ts';
import { inspect, LAWFUL, linkTo } from '../../../support/inspect-content.ts';

describe('links of a mail', () => {
  it.each([
    'https://harborlane.com',
    'HTTP://Harborlane.COM/rye?a=1#top',
    'https://harborlane.com:8443/x',
    ' https://harborlane.com ',
    'https://bücher.de/',
    'https://93.184.216.34/',
    'https://[2606:2800:220:1:248:1893:25c8:1946]/',
    'https://[::ffff:93.184.216.34]/',
    'mailto:ines@harborlane.test',
    'tel:+4930123456',
    'sms:+4930123456?body=Rye',
    'mailto:?to=ines@harborlane.test&subject=Rye',
    '#top',
    '#TOP',
    `https://harborlane.com/${'a'.repeat(2_000)}`,
    `*|IF:VIP|*${'a'.repeat(3_000)}*|END:IF|*`,
    '*|ARCHIVE|*',
    '*|UNSUB:https://harborlane.test/bye|*',
    'https://*|HOST|*/x',
    '*|IF:VIP|*https://localhost*|END:IF|*',
  ])('%s leads somewhere', async (href) => {
    expect((await inspect(linkTo(href))).all).toEqual([]);
  });

  it.each([
    ['', 'it is empty'],
    ['  ', 'it is empty'],
    ['#', 'no such place'],
    ['#nowhere', 'no such place'],
    ['#%', 'no such place'],
    ['/rye', 'not a full address'],
    ['rye.html', 'not a full address'],
    ['www.harborlane.com', 'not a full address'],
    ['//harborlane.com/rye', 'not a full address'],
    ['http://', 'not a full address'],
    ['https:harborlane.com', 'not a full address'],
    ['https:/harborlane.com', 'not a full address'],
    ['mailto:', 'names nobody after mailto:'],
    ['mailto:?subject=Rye', 'names nobody after mailto:'],
    ['tel:', 'names nobody after tel:'],
    ['sms:', 'names nobody after sms:'],
    [`https://harborlane.com/${'a'.repeat(2_048)}`, 'too long'],
    [`#${'a'.repeat(2_048)}`, 'too long'],
    ['https://exa mple.com', 'not a full address'],
    ['javascript:void(0)', 'cannot open javascript:'],
    ['ftp://harborlane.com/x', 'cannot open ftp:'],
    ['file:///C:/rye.html', 'cannot open file:'],
    ['data:text/html,x', 'cannot open data:'],
    ['http://localhost:3000/', 'localhost'],
    ['http://LOCALHOST./', 'localhost'],
    ['http://intranet/', 'not a full host name'],
    ['http://127.0.0.1/', 'private or reserved'],
    ['http://2130706433/', 'private or reserved'],
    ['http://0x7f.1/', 'private or reserved'],
    ['http://10.1.2.3/', 'private or reserved'],
    ['http://172.31.0.1/', 'private or reserved'],
    ['http://192.168.0.1/', 'private or reserved'],
    ['http://169.254.169.254/', 'private or reserved'],
    ['http://100.64.0.1/', 'private or reserved'],
    ['http://192.0.2.1/', 'private or reserved'],
    ['http://0.0.0.0/', 'private or reserved'],
    ['http://[::1]/', 'private or reserved'],
    ['http://[fe80::1]/', 'private or reserved'],
    ['http://[fd00::1]/', 'private or reserved'],
    ['http://[::ffff:10.0.0.1]/', 'private or reserved'],
    ['http://printer.local/', 'end in .local'],
    ['http://db.harborlane.internal/', 'end in .internal'],
    ['http://app.localhost/', 'end in .localhost'],
    ['https://shop.invalid/', 'end in .invalid'],
    ['https://shop.example/', 'end in .example'],
    ['https://shop.TEST./', 'end in .test'],
    ['https://router.home.arpa/', 'end in .home.arpa'],
    ['http://localhost/?u=*|UNIQID|*', 'localhost'],
  ])('%s leads nowhere', async (href, why) => {
    const { all, asked } = await inspect(linkTo(href));
    expect(all).toEqual([
      {
        level: 'warning',
        code: 'link_not_public',
        where: 'line 2, “Shop”',
        message: expect.stringContaining(why),
        fix: expect.stringContaining(why === 'no such place' ? 'that id' : 'https://'),
      },
    ]);
    expect(asked).toEqual([]);
  });

  it.each<[HostStanding, string[]]>([
    ['public', []],
    ['unknown', []],
    ['absent', ['link_host_unknown']],
    ['addressless', ['link_host_unknown']],
    ['private', ['link_not_public']],
  ])('to a host that the DNS calls %s', async (standing, codes) => {
    expect((await inspect(linkTo('https://shop.harborlane.se/x'), { 'shop.harborlane.se': standing })).codes).toEqual(codes);
  });

  it('say nothing when nobody could be asked', async () => {
    const findings = checkContent(linkTo('https://harborlane.se'), mailchimpMarkup, () => Promise.reject(new Error('No net.')));
    expect(await findings).toEqual([]);
  });

  it('to places of the content itself are fine', async () => {
    const { all } = await inspect(`${LAWFUL}<a href="#top">Up</a><a name="top"></a><a href="#br%C3%B6d">Bread</a><p id="bröd">`);
    expect(all).toEqual([]);
  });

  it('are named once, with every place; the host is asked about once', async () => {
    const links = ['/a', '/b', '/a', '/a'].map((path) => `<a href="https://gone.se${path}">Go <b>now</b></a>`).join('\n');
    const { all, asked } = await inspect(LAWFUL + links, { 'gone.se': 'absent' });
    expect(all.map(({ where }) => where)).toEqual(['line 1, “Go now”, and 3 more']);
    expect(asked).toEqual(['gone.se']);
    const repeated = await inspect(`${LAWFUL}<a href="/x">1</a><a href="/x">2</a><a href="/y">3</a>`);
    expect(repeated.all.map(({ where }) => where)).toEqual(['line 1, “1”, and 1 more', 'line 1, “3”']);
  });

  it('are shown twenty at a time, and thirty hosts are asked about', async () => {
    const many = (prefix: string) => Array.from({ length: 45 }, (_, index) => `<a href="${prefix}${index}">x</a>`).join('\n');
    const { all } = await inspect(LAWFUL + many('/page-'));
    expect(all).toHaveLength(21);
    expect(all.at(-1)).toMatchObject({ code: 'link_not_public', message: 'There are 25 more of these.' });
    expect((await inspect(LAWFUL + many('https://host.se/'))).asked).toHaveLength(1);
    expect((await inspect(LAWFUL + many('https://host.se:8'))).asked).toHaveLength(1);
    const hosts = Array.from({ length: 45 }, (_, index) => `<a href="https://host-${index}.se">x</a>`).join('');
    expect((await inspect(LAWFUL + hosts)).asked).toHaveLength(30);
  });

  it('are found by a parser: not in comments, unquoted, upper case, in maps, with images', () => {
    const { links } = inspectHtml(`<!-- <a href="/comment">x</a> -->
<A HREF=/unquoted
  >One</A> <a href='/image'><img alt="Two" src=x></a><a>none</a>
<map><area href="/area" alt="Three"></map><a href="/entity?a=1&amp;b=2">Fo&uuml;r</a><a href="/open"><b>Fi<a href="/inner">ve</a>`);
    expect(links).toEqual([
      { href: '/unquoted', text: 'One', line: 2 },
      { href: '/image', text: 'Two', line: 3 },
      { href: '/area', text: 'Three', line: 4 },
      { href: '/entity?a=1&b=2', text: 'Foür', line: 4 },
      { href: '/open', text: 'Fi', line: 4 },
      { href: '/inner', text: 've', line: 4 },
    ]);
  });
});

describe('a mail', () => {
  it.each([
    ['<p>Rye</p>', ['unsubscribe_link_added', 'postal_address_added']],
    ['<p>*|LIST:ADDRESSLINE|*</p>', ['unsubscribe_link_added']],
    ['<a href="*|UNSUB|*">Bye</a>', ['postal_address_added']],
    ['<!-- *|UNSUB|* --> *|HTML:LIST_ADDRESS_HTML|*', ['unsubscribe_link_added']],
    [`<p>${LAWFUL}</p>`, []],
  ])('%s is told what is added to it', async (html, codes) => {
    expect((await inspect(html)).codes).toEqual(codes);
  });

  it('is told of images without an alternative, but not of decoration', async () => {
    const { all } = await inspect(
      `${LAWFUL}<img alt="Rye" src="a.png"><img alt="" src="b.png"><img alt src="c.png">\n<IMG src="d.png">`,
    );
    expect(all).toMatchObject([
      { code: 'image_without_alternative', where: 'line 2', message: expect.stringContaining('d.png') },
    ]);
  });

  it.each([
    [102 * 1024, []],
    [102 * 1024 + 1, ['clipped']],
  ])('of %i bytes', async (bytes, codes) => {
    const fill = (text: string) => text + 'ü'.repeat((bytes - Buffer.byteLength(text)) / 2);
    const odd = (bytes - LAWFUL.length) % 2 === 0 ? '' : '.';
    expect((await inspect(fill(LAWFUL + odd))).codes).toEqual(codes);
  });

  it('is measured with what is added to it', async () => {
    const { all } = await inspect('x'.repeat(102 * 1024));
    expect(all.at(-1)).toMatchObject({ code: 'clipped', message: expect.stringContaining('103 KB') });
  });

  it('may be any text at all', async () => {
    const piece = fc.constantFrom(
      '<a',
      ' href=',
      '"',
      "'",
      '>',
      '</a>',
      '<img',
      ' alt',
      '*|',
      '|*',
      '#',
      '%',
      '//',
      'http:',
      '[',
      '&',
      '\n',
      '\0',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(piece, fc.webUrl(), fc.string()), { maxLength: 30 }).map((all) => all.join('')),
    );
    await fc.assert(
      fc.asyncProperty(text, async (html) => {
        const { all } = await inspect(html);
        expect(all.every(({ level, where, message }) => level === 'warning' && where !== '' && message !== '')).toBe(true);
      }),
    );
  });
});
