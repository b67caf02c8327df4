import { Parser } from 'htmlparser2';

/** https://mailchimp.com/help/all-the-merge-tags-cheat-sheet/ */
const UNSUBSCRIBE = /\*\|UNSUB(?::[^|]*)?\|\*/i;
const ADDRESS = /\*\|(?:LIST:ADDRESSLINE|LIST:ADDRESS|LIST_ADDRESS_HTML|HTML:LIST_ADDRESS_HTML|LIST:ADDRESS_VCARD)\|\*/i;

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
export function ensureComplianceTags(html: string): string {
  const { visible, bodyEnd } = readHtml(html);
  const lines = [
    ADDRESS.test(visible) ? '' : '*|HTML:LIST_ADDRESS_HTML|*',
    UNSUBSCRIBE.test(visible) ? '' : '<a href="*|UNSUB|*">Unsubscribe</a>',
  ].filter(Boolean);
  if (lines.length === 0) return html;
  const footer = `<div style="padding:16px;font-size:12px;text-align:center;color:#555555">${lines.join('<br>')}</div>`;
  return html.slice(0, bodyEnd) + footer + html.slice(bodyEnd);
}
