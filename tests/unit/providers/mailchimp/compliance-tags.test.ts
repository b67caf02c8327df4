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
