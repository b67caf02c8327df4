import { Parser } from 'htmlparser2';
import type { Markup, Obligation } from '../../core/email-platform/email-platform.ts';

/** https://mailchimp.com/help/all-the-merge-tags-cheat-sheet/ */
const UNSUBSCRIBE = /\*\|UNSUB(?::[^|]*)?\|\*/i;
const ADDRESS = /\*\|(?:LIST:ADDRESSLINE|LIST:ADDRESS|LIST_ADDRESS_HTML|HTML:LIST_ADDRESS_HTML|LIST:ADDRESS_VCARD)\|\*/i;

const MERGE_TAG = /\*\|[^|]+\|\*/;

/** What a reader or the vendor sees of a document: text and attributes, but no comments; and where the body ends. */
function readHtml(html: string): { visible: string; bodyEnd: number } {
  const parts: string[] = [];
  let bodyEnd = html.length;
  const parser = new Parser({
    onattribute: (_name, value) => void parts.push(value),
    ontext: (text) => void parts.push(text),
    onclosetag: (name, implied) => {
      if (name === 'body' && !implied) bodyEnd = parser.startIndex;
    },
  });
  parser.end(html);
  return { visible: parts.join('\n'), bodyEnd };
}

/**
 * Adds what the law asks for and the author left out: an unsubscribe link and the postal address, as Mailchimp's
 * merge tags, at the end of the body. A document that has both is returned as it is.
 */
function complete(html: string): ReturnType<Markup['complete']> {
  const { visible, bodyEnd } = readHtml(html);
  const added: Obligation[] = [];
  if (!ADDRESS.test(visible)) added.push('postal_address');
  if (!UNSUBSCRIBE.test(visible)) added.push('unsubscribe_link');
  if (added.length === 0) return { html, added };
  const lines = added.map((one) => LINES[one]);
  const footer = `<div style="padding:16px;font-size:12px;text-align:center;color:#555555">${lines.join('<br>')}</div>`;
  return { html: html.slice(0, bodyEnd) + footer + html.slice(bodyEnd), added };
}

const LINES: Record<Obligation, string> = {
  postal_address: '*|HTML:LIST_ADDRESS_HTML|*',
  unsubscribe_link: '<a href="*|UNSUB|*">Unsubscribe</a>',
};

export const ensureComplianceTags = (html: string): string => complete(html).html;

export const mailchimpMarkup: Markup = { complete, mergeTagAt: (text) => text.search(MERGE_TAG) };
