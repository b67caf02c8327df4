import type { Markup } from '../email-platform/email-platform.ts';
import { runAll } from '../shared/run-all.ts';
import { isIpAddress, privateBecause, type HostStanding, type ResolveHost } from '../shared/public-host.ts';
import { warning, type Finding } from './finding.ts';
import { inspectHtml, shorten, type HtmlFacts, type Link } from './inspect-html.ts';

/** Gmail shows this much of a message, then "[Message clipped]" and a link to the rest. */
const CLIP_BYTES = 102 * 1024;
/** Findings of one kind; the rest is counted. */
const PER_KIND = 20;
const MAX_HOSTS = 30;

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
  findings.push(...(await checkLinks(facts, markup, resolveHost)), ...checkImages(facts));
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

interface Judged {
  code: 'link_not_public' | 'link_host_unknown';
  links: Link[];
  why: string;
}

/** A link once, whatever the number of places. */
async function checkLinks({ links, anchors }: HtmlFacts, markup: Markup, resolveHost: ResolveHost): Promise<Finding[]> {
  const byHref = new Map<string, Link[]>();
  for (const link of links) append(byHref, link.href, [link]);
  const judged: Judged[] = [];
  const hosts = new Map<string, Link[]>();
  for (const [href, same] of byHref) {
    const verdict = judge(href, anchors, markup);
    if ('why' in verdict) judged.push({ code: 'link_not_public', links: same, why: verdict.why });
    else if (verdict.host !== null) append(hosts, verdict.host, same);
  }
  const asked = [...hosts].slice(0, MAX_HOSTS);
  const standings = await runAll(asked, MAX_HOSTS, async ([host]) => resolveHost(host).catch((): HostStanding => 'unknown'));
  asked.forEach(([host, same], index) => {
    const standing = standings[index];
    if (standing === 'absent')
      judged.push({ code: 'link_host_unknown', links: same, why: `there is no host named ${shorten(host)}` });
    if (standing === 'private')
      judged.push({ code: 'link_not_public', links: same, why: `${shorten(host)} leads into a private network` });
  });
  return (['link_not_public', 'link_host_unknown'] as const).flatMap((code) =>
    bounded(
      code,
      judged
        .filter((one) => one.code === code)
        .map(({ links: same, why }) =>
          warning(code, placeOf(same), `The link to “${shorten(same[0]?.href ?? '')}” leads nowhere: ${why}.`, FIX[code]),
        ),
    ),
  );
}

/** In place: a megabyte may hold a hundred thousand links. */
function append(lists: Map<string, Link[]>, key: string, links: readonly Link[]): void {
  const list = lists.get(key);
  if (!list) lists.set(key, [...links]);
  else for (const link of links) list.push(link);
}

const FIX = {
  link_not_public: 'Give the full public address, beginning with https://.',
  link_host_unknown: 'Check how the host is spelled.',
} as const;

/** What one link says by itself: why it leads nowhere, or the host that the DNS has to be asked about. */
function judge(href: string, anchors: ReadonlySet<string>, markup: Markup): { why: string } | { host: string | null } {
  if (href === '') return { why: 'it is empty' };
  const tag = markup.mergeTagAt(href);
  // Where a tag stands in for the host or more, only the platform knows what becomes of it.
  if (tag !== -1 && !HAS_HOST.test(href.slice(0, tag))) return { host: null };
  if (href.startsWith('#')) {
    const isThere = href.length > 1 && anchors.has(decoded(href.slice(1)));
    return isThere ? { host: null } : { why: 'the content has no such place' };
  }
  const url = URL.canParse(href) ? new URL(href) : undefined;
  if (!url) return { why: 'it is not a full address' };
  if (url.protocol === 'mailto:' || url.protocol === 'tel:') return { host: null };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { why: `readers cannot open ${url.protocol} in a mail` };
  const why = privateBecause(url.hostname);
  if (why !== null) return { why };
  return { host: isIpAddress(url.hostname) ? null : url.hostname };
}

/** A scheme and a host that has come to its end. */
const HAS_HOST = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+[/?#]/i;

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function checkImages({ imagesWithoutAlternative }: HtmlFacts): Finding[] {
  return bounded(
    'image_without_alternative',
    imagesWithoutAlternative.map(({ src, line }) =>
      warning(
        'image_without_alternative',
        `line ${line}`,
        `The image “${src}” has no alternative text: who does not see it learns nothing of it.`,
        'Say in alt what it shows; alt="" for decoration.',
      ),
    ),
  );
}

/** `line 12, “Order now”, and 3 more` */
function placeOf([first, ...others]: readonly Link[]): string {
  if (!first) return 'html';
  const text = first.text === '' ? '' : `, “${first.text}”`;
  return `line ${first.line}${text}${others.length === 0 ? '' : `, and ${others.length} more`}`;
}

/** The first of a kind, and how many more there are. */
function bounded(code: string, findings: readonly Finding[]): Finding[] {
  const rest = findings.length - PER_KIND;
  const [first] = findings;
  if (rest <= 0 || !first) return [...findings];
  return [...findings.slice(0, PER_KIND), warning(code, 'html', `There are ${rest} more of these.`, first.fix)];
}
