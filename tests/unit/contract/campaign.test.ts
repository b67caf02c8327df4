import { describe, expect, it } from '@jest/globals';
import { createCampaignBody, editCampaignBody, MAX_HTML_BYTES } from '../../../src/contract/campaign.ts';

const ofHtml = (issues: readonly { path: PropertyKey[]; message: string }[] = []) =>
  issues.filter(({ path }) => path.join('.') === 'html').map(({ message }) => message);

const problemsOf = (html: string) => {
  const create = createCampaignBody.safeParse({
    audienceId: 'aud_01J8B0000000000000000000AA',
    subject: 'Rye',
    html,
    action: 'draft',
  });
  const edit = editCampaignBody.safeParse({ html });
  expect(ofHtml(edit.error?.issues)).toEqual(ofHtml(create.error?.issues));
  return ofHtml(create.error?.issues);
};

describe('the html of a campaign', () => {
  it.each([
    ['<p>Rye</p>', []],
    [`${'<b>'.repeat(256)}Rye`, []],
    [`${'<b>'.repeat(257)}Rye`, ['must not nest more than 256 elements']],
    ['<p>Rye</p>'.repeat(1_000), []],
    ['<br><img src="x">'.repeat(1_000), []],
    ['<p>'.repeat(1_000), []],
    [`<!--${'<b>'.repeat(1_000)}-->`, []],
    ['ü'.repeat(MAX_HTML_BYTES / 2), []],
    [`${'ü'.repeat(MAX_HTML_BYTES / 2)}.`, ['must be at most 1 MB']],
    ['<b>'.repeat(MAX_HTML_BYTES), ['must be at most 1 MB']],
    ['', ['must not be empty']],
  ])('case %#', (html, problems) => {
    expect(problemsOf(html)).toEqual(problems);
  });

  it('is judged at once, whatever it is', () => {
    expect(problemsOf('<b>'.repeat(MAX_HTML_BYTES / 4))).toHaveLength(1);
  }, 10_000);
});
