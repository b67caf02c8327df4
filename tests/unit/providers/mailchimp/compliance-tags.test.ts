import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ensureComplianceTags } from '../../../../src/providers/mailchimp/compliance-tags.ts';

const UNSUB = '<a href="*|UNSUB|*">';
const ADDRESS = '*|HTML:LIST_ADDRESS_HTML|*';

describe('ensureComplianceTags', () => {
  it('adds both at the end of the body', () => {
    const html = ensureComplianceTags('<html><body><p>Rye</p></body></html>');
    expect(html).toMatch(/^<html><body><p>Rye<\/p><div[^>]*>.*<\/div><\/body><\/html>$/);
    expect(html).toContain(UNSUB);
    expect(html).toContain(ADDRESS);
  });

  it.each(['<p>Rye</p>', 'Rye', '', '<body><p>Rye'])('adds them at the end of %j, which closes no body', (given) => {
    const html = ensureComplianceTags(given);
    expect(html.startsWith(given)).toBe(true);
    expect(html.slice(given.length)).toContain(UNSUB);
  });

  it.each([
    '<a href="*|UNSUB|*">out</a> *|LIST:ADDRESS|*',
    '<a href="*|unsub|*">out</a> *|list:addressline|*',
    '*|UNSUB:https://x.test|* *|HTML:LIST_ADDRESS_HTML|*',
    '<p>*|UNSUB|*</p><p>*|LIST_ADDRESS_HTML|*</p>',
  ])('leaves %j as it is', (html) => {
    expect(ensureComplianceTags(html)).toBe(html);
  });

  it('adds only what is missing', () => {
    const html = ensureComplianceTags('<a href="*|UNSUB|*">out</a>');
    expect(html.split('UNSUB')).toHaveLength(2);
    expect(html).toContain(ADDRESS);
  });

  it('is not taken in by a comment', () => {
    const html = ensureComplianceTags('<body><!-- *|UNSUB|* *|LIST:ADDRESS|* --><p>Rye</p></body>');
    expect(html).toContain(UNSUB);
    expect(html).toContain(ADDRESS);
  });

  it.each([
    '<title>*|UNSUB|* *|LIST:ADDRESS|*</title>',
    '<style>*|UNSUB|* *|LIST:ADDRESS|*</style>',
    '<script>*|UNSUB|* *|LIST:ADDRESS|*</script>',
    '<html><head>*|UNSUB|* *|LIST:ADDRESS|*</head><body></body></html>',
    '<template>*|UNSUB|* *|LIST:ADDRESS|*</template>',
    '<textarea>*|UNSUB|* *|LIST:ADDRESS|*</textarea>',
    '<img alt="*|UNSUB|* *|LIST:ADDRESS|*" src="*|UNSUB|*">',
    '<p title="*|UNSUB|* *|LIST:ADDRESS|*">Rye</p>',
    '<link href="*|UNSUB|*"><a name="*|UNSUB|*" href="https://x.test">*</a>',
    '<p style="color:red; DISPLAY : none !important">*|UNSUB|* *|LIST:ADDRESS|*</p>',
    '<div style="display:none"><p><a href="*|UNSUB|*">out</a> *|LIST:ADDRESS|*</p></div>',
    '<a style="display:none" href="*|UNSUB|*">out</a>',
    '<a href="*&#124;UNSUB&#124;*">out</a> *&#124;LIST:ADDRESS&#124;*',
  ])('is not taken in by %s, which nobody sees', (html) => {
    const whole = ensureComplianceTags(html);
    expect(whole).toContain(UNSUB + 'Unsubscribe');
    expect(whole).toContain(ADDRESS);
  });

  it.each([
    '<body style="display:block"><a href="*|UNSUB|*">out</a> *|LIST:ADDRESS|*</body>',
    '<head><title>Rye</title></head><body><p style="display:none">Hi</p><map><area href="*|UNSUB|*"></map>*|LIST:ADDRESS|*</body>',
    '<p style="mso-display:none-x"></p>*|UNSUB:https://x.test/?a=1&amp;b=2|* <b>*|LIST:ADDRESS|*</b>',
  ])('counts what readers see in %s', (html) => {
    expect(ensureComplianceTags(html)).toBe(html);
  });

  it('counts an address only where it is text', () => {
    const html = '<a href="https://x.test/?*|LIST:ADDRESS|*">x</a> *|UNSUB|*';
    expect(ensureComplianceTags(html)).toContain(ADDRESS);
  });

  it('adds both to what nests too deep to be read', () => {
    const html = `<body>*|UNSUB|* *|LIST:ADDRESS|*${'<b>'.repeat(300)}</body>`;
    const whole = ensureComplianceTags(html);
    expect(whole.startsWith(html)).toBe(true);
    expect(whole.slice(html.length)).toContain(UNSUB);
    expect(whole.slice(html.length)).toContain(ADDRESS);
  });

  it('is done with a megabyte of open tags at once', () => {
    expect(ensureComplianceTags('<b>'.repeat(349_000))).toContain(UNSUB);
  }, 10_000);

  it('is not taken in by a closing body inside a comment', () => {
    const html = ensureComplianceTags('<body><!-- </body> --><p>Rye</p></body>');
    expect(html.indexOf(UNSUB)).toBeGreaterThan(html.indexOf('Rye'));
  });

  it('needs to be done only once, whatever the document', () => {
    const piece = fc.constantFrom(
      '<p>',
      '</p>',
      '<body>',
      '</body>',
      '</html>',
      '<!--',
      '-->',
      '*|UNSUB|*',
      '*|LIST:ADDRESS|*',
      'Rye',
      '<a b="',
      '">',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const once = ensureComplianceTags(pieces.join(''));
        fc.pre(!pieces.includes('<!--') && !pieces.includes('<a b="'));
        expect(ensureComplianceTags(once)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });
});
