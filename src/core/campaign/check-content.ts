import type { Markup } from '../email-platform/email-platform.ts';
import type { ResolveHost } from '../shared/public-host.ts';
import { MAX_HTML_DEPTH } from '../shared/read-html.ts';
import { bounded } from './bounded.ts';
import { checkLinks } from './check-links.ts';
import { warning, type Finding } from './finding.ts';
import { inspectHtml, shorten, type HtmlFacts } from './inspect-html.ts';

/** Gmail shows this much of a message, then "[Message clipped]" and a link to the rest. */
const CLIP_BYTES = 102 * 1024;

/**
 * What can be said about the content of a mail, as warnings. Never throws, whatever the text.
 * @param html as the author wrote it
 * @param markup what the platform adds to it, and which words it replaces
 */
export async function checkContent(html: string, markup: Markup, resolveHost: ResolveHost): Promise<Finding[]> {
  const { html: sent, added } = markup.complete(html);
  const facts = inspectHtml(html);
  const findings: Finding[] = [];
  if (added.includes('unsubscribe_link'))
    findings.push(
      warning(
        'unsubscribe_link_added',
        'html',
        'The content has no unsubscribe link; one is added at its end.',
        'Place your own link to *|UNSUB|* if it should stand elsewhere.',
      ),
    );
  if (added.includes('postal_address'))
    findings.push(
      warning(
        'postal_address_added',
        'html',
        'The content has no postal address; the one of the audience is added at its end.',
        'Place *|HTML:LIST_ADDRESS_HTML|* if it should stand elsewhere.',
      ),
    );
  if (facts.isTooDeep)
    findings.push(
      warning(
        'html_too_deep',
        'html',
        `Elements nest more than ${MAX_HTML_DEPTH} deep; links and images were not looked at.`,
        'Close what is open, such as <b> and <div>.',
      ),
    );
  else findings.push(...(await checkLinks(facts, markup, resolveHost)), ...checkImages(facts));
  const bytes = Buffer.byteLength(sent, 'utf8');
  if (bytes > CLIP_BYTES)
    findings.push(
      warning(
        'clipped',
        'html',
        `The content has ${Math.ceil(bytes / 1024)} KB, before links are tracked; Gmail shows the first 102 KB and hides the rest.`,
        'Shorten it, or take out styles and comments that are not needed.',
      ),
    );
  return findings;
}

function checkImages({ images }: HtmlFacts): Finding[] {
  const silent = images.filter(({ hasAlternative }) => !hasAlternative);
  return bounded(
    'image_without_alternative',
    silent.map(({ src, line }) =>
      warning(
        'image_without_alternative',
        `line ${line}`,
        `The image “${shorten(src)}” has no alternative text: who does not see it learns nothing of it.`,
        'Say in alt what it shows; alt="" for decoration.',
      ),
    ),
  );
}
