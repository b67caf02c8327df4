import { createHash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { mailchimpContactIds } from '../../../../src/providers/mailchimp/contact-ids.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

it('are the same for every letter case', () => {
  expect(mailchimpContactIds(' Mona@Harborlane.TEST ')).toEqual([md5('mona@harborlane.test')]);
});

it('are of the domain in either alphabet, whichever was given', () => {
  const ids = [md5('mona@xn--bcher-kva.test'), md5('mona@bücher.test')].sort();
  for (const given of ['mona@bücher.test', 'mona@xn--bcher-kva.test', 'MONA@BÜCHER.test'])
    expect(mailchimpContactIds(given).sort()).toEqual(ids);
});
