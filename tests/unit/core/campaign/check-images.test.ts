import { describe, expect, it } from '@jest/globals';
import type { HostStanding } from '../../../../src/core/shared/public-host.ts';
import { inspect, LAWFUL, linkTo } from '../../../support/inspect-content.ts';

describe('images of a mail', () => {
  const image = (src: string): string => `<p>${LAWFUL}</p>\n<img alt="Rye" src="${src}">`;

  it.each([
    'https://harborlane.com/rye.png',
    'cid:rye',
    'data:image/png;base64,aaaa',
    'rye.png',
    '',
    `data:image/png;base64,${'a'.repeat(9_000)}`,
    'https://*|HOST|*/rye.png',
  ])('at %s are not judged', async (src) => {
    expect((await inspect(image(src))).all).toEqual([]);
  });

  it.each([
    ['http://localhost:3000/rye.png', 'localhost'],
    [' http://192.168.0.1/rye.png', 'private or reserved'],
    ['https://cdn.harborlane.internal/rye.png', 'end in .internal'],
    [`https://harborlane.com/${'a'.repeat(2_048)}`, 'too long'],
    ['https://exa mple.com/rye.png', 'not a full address'],
  ])('at %s are seen by nobody', async (src, why) => {
    const { all, asked } = await inspect(image(src));
    expect(all).toEqual([
      expect.objectContaining({
        level: 'warning',
        code: 'image_not_public',
        where: 'line 2',
        message: expect.stringContaining(why),
      }),
    ]);
    expect(asked).toEqual([]);
  });

  it.each<[HostStanding, string[]]>([
    ['public', []],
    ['unknown', []],
    ['absent', ['image_host_unknown']],
    ['addressless', ['image_host_unknown']],
    ['private', ['image_not_public']],
  ])('on a host that the DNS calls %s', async (standing, codes) => {
    expect((await inspect(image('https://cdn.harborlane.se/x'), { 'cdn.harborlane.se': standing })).codes).toEqual(codes);
  });

  it('share the question about a host with links, and are told of apart', async () => {
    const { asked, codes } = await inspect(`${linkTo('https://gone.se/a')}<img alt="" src="https://gone.se/b">`, {
      'gone.se': 'absent',
    });
    expect(asked).toEqual(['gone.se']);
    expect(codes).toEqual(['link_host_unknown', 'image_host_unknown']);
  });
});

describe('a mail of a megabyte', () => {
  const BOUND_MS = 10_000;
  const MEGABYTE = 1024 * 1024;
  const fill = (piece: string, start = ''): string => start + piece.repeat((MEGABYTE - start.length) / Buffer.byteLength(piece));
  const opened = '<b>'.repeat(254);

  it.each([
    ['of open tags', fill('<b>')],
    ['of closed links that nobody opened', fill('</i>', opened)],
    ['of one host', `<a href="https://${fill('界')}.com">x</a>`],
    ['of hosts', fill('<a href="https://界.com">')],
    ['of one image', `<img src="https://${fill('界')}.com">`],
    ['of attributes', `<a ${fill('a=b ')}>`],
    ['of unclosed comments', fill('<!--')],
    ['of unclosed attributes', fill('<a href="')],
    ['of tags to replace', fill('*|', '<a href="')],
    ['of entities', fill('&#x41')],
  ])(
    '%s is judged, where a careless reader would take half a minute',
    async (_name, html) => {
      expect((await inspect(html)).codes).toContain('clipped');
    },
    BOUND_MS,
  );

  it('that nests too deep is told so, and no more', async () => {
    const { codes } = await inspect(`${LAWFUL}${'<b>'.repeat(256)}<a href="/x">x</a>`);
    expect(codes).toEqual(['unsubscribe_link_added', 'postal_address_added', 'html_too_deep']);
    expect((await inspect(`${LAWFUL}${'<b>'.repeat(255)}<a href="/x">x</a>`)).codes).toEqual(['link_not_public']);
  });

  it('that has more links than are looked at is told how many', async () => {
    const links = Array.from({ length: 2_003 }, (_, index) => `<a href="https://harborlane.com/${index}">`).join('');
    const { all } = await inspect(`${LAWFUL}${links}<a href="https://harborlane.com/1">`);
    expect(all).toMatchObject([{ code: 'links_unchecked', message: 'There are 3 more links and images than are looked at.' }]);
  });
});
