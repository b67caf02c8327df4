import type { Markup, Obligation } from '../../core/email-platform/email-platform.ts';
import { readHtml } from '../../core/shared/read-html.ts';

/** https://mailchimp.com/help/all-the-merge-tags-cheat-sheet/ */
const UNSUBSCRIBE = /\*\|UNSUB(?::[^|]*)?\|\*/i;
const ADDRESS = /\*\|(?:LIST:ADDRESSLINE|LIST:ADDRESS|LIST_ADDRESS_HTML|HTML:LIST_ADDRESS_HTML|LIST:ADDRESS_VCARD)\|\*/i;

const MERGE_TAG = /\*\|[^|]+\|\*/;

/** What stands in these is not shown in the text of a mail. */
const UNSEEN = new Set(['head', 'title', 'style', 'script', 'template', 'textarea']);
const DISPLAY_NONE = /(?:^|;)\s*display\s*:\s*none\b/i;

/** What a reader sees of a document: its text, and where its links lead; and where the body ends. */
function readSeen(html: string): { text: string; hrefs: string; bodyEnd: number; isComplete: boolean } {
  const [texts, hrefs]: [string[], string[]] = [[], []];
  let bodyEnd = html.length;
  /** Whether each open element is seen. */
  const open: boolean[] = [];
  const isComplete = readHtml(
    html,
    (position) => ({
      onopentag(name, { style, href }) {
        const isSeen = (open.at(-1) ?? true) && !UNSEEN.has(name) && !DISPLAY_NONE.test(style ?? '');
        open.push(isSeen);
        if (isSeen && href !== undefined && (name === 'a' || name === 'area')) hrefs.push(href);
      },
      ontext(text) {
        if (open.at(-1) ?? true) texts.push(text);
      },
      onclosetag(name, isImplied) {
        open.pop();
        if (name === 'body' && !isImplied) bodyEnd = position();
      },
    }),
    // Mailchimp replaces what is written: a tag that is spelled with entities is none.
    { decodeEntities: false },
  );
  return { text: texts.join('\n'), hrefs: hrefs.join('\n'), bodyEnd, isComplete };
}

/**
 * Adds what the law asks for and the author left out: an unsubscribe link and the postal address, as Mailchimp's
 * merge tags, at the end of the body. Only what readers see counts: text and links of the body, neither comments nor
 * titles nor what has `display:none`. A document that has both is returned as it is; one that nests too deep to be read to
 * its end gets both.
 */
function complete(html: string): ReturnType<Markup['complete']> {
  const { text, hrefs, bodyEnd, isComplete } = readSeen(html);
  const added: Obligation[] = [];
  if (!isComplete || !ADDRESS.test(text)) added.push('postal_address');
  if (!isComplete || !(UNSUBSCRIBE.test(text) || UNSUBSCRIBE.test(hrefs))) added.push('unsubscribe_link');
  if (added.length === 0) return { html, added };
  const lines = added.map((one) => LINES[one]);
  const footer = `<div style="padding:16px;font-size:12px;text-align:center;color:#555555">${lines.join('<br>')}</div>`;
  const end = isComplete ? bodyEnd : html.length;
  return { html: html.slice(0, end) + footer + html.slice(end), added };
}

const LINES: Record<Obligation, string> = {
  postal_address: '*|HTML:LIST_ADDRESS_HTML|*',
  unsubscribe_link: '<a href="*|UNSUB|*">Unsubscribe</a>',
};

export const ensureComplianceTags = (html: string): string => complete(html).html;

export const mailchimpMarkup: Markup = { complete, mergeTagAt: (text) => text.search(MERGE_TAG) };
