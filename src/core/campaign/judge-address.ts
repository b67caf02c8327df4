import { isIpAddress, privateBecause } from '../shared/public-host.ts';

/** Browsers and proxies cut longer ones; and what reads a host name takes its length squared. */
const MAX_ADDRESS = 2_048;

/** Why an address leads nowhere, or the host that the DNS has to be asked about; `null` when there is none to ask. */
export type Verdict = { why: string } | { host: string | null };

export const NO_PLACE = 'the content has no such place';

/** What opens by itself on the reader's machine, and names somebody. */
const PERSONAL = new Set(['mailto:', 'tel:', 'sms:']);

/**
 * What one link says by itself.
 * @param href without outer white space
 * @param mergeTagAt where the first word stands that the platform replaces, or -1
 */
export function judgeLink(href: string, anchors: ReadonlySet<string>, mergeTagAt: (text: string) => number): Verdict {
  if (href === '') return { why: 'it is empty' };
  if (isReplaced(href, mergeTagAt)) return { host: null };
  if (href.length > MAX_ADDRESS) return TOO_LONG;
  if (href.startsWith('#')) return isPlace(href.slice(1), anchors) ? { host: null } : { why: NO_PLACE };
  const url = URL.canParse(href) ? new URL(href) : undefined;
  if (!url) return { why: 'it is not a full address' };
  if (PERSONAL.has(url.protocol)) return namesSomebody(url) ? { host: null } : { why: `it names nobody after ${url.protocol}` };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { why: `readers cannot open ${url.protocol} in a mail` };
  return /^https?:\/\//i.test(href) ? judgeHost(url) : { why: 'it is not a full address' };
}

/** The same of an image; only one that is fetched from a host is judged. */
export function judgeImage(src: string, mergeTagAt: (text: string) => number): Verdict {
  if (!/^https?:\/\//i.test(src) || isReplaced(src, mergeTagAt)) return { host: null };
  if (src.length > MAX_ADDRESS) return TOO_LONG;
  return URL.canParse(src) ? judgeHost(new URL(src)) : { why: 'it is not a full address' };
}

const TOO_LONG: Verdict = { why: `it is too long, with more than ${MAX_ADDRESS.toLocaleString('en')} characters` };

function judgeHost({ hostname }: URL): Verdict {
  const why = privateBecause(hostname);
  if (why !== null) return { why };
  return { host: isIpAddress(hostname) ? null : hostname };
}

/** Where a tag stands in for the host or more, only the platform knows what becomes of it. */
function isReplaced(address: string, mergeTagAt: (text: string) => number): boolean {
  const tag = mergeTagAt(address);
  return tag !== -1 && !HAS_HOST.test(address.slice(0, tag));
}

/** A scheme and a host that has come to its end. */
const HAS_HOST = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+[/?#]/i;

/** The top is a place of every document. */
const isPlace = (name: string, anchors: ReadonlySet<string>): boolean =>
  name !== '' && (name.toLowerCase() === 'top' || anchors.has(decoded(name)));

/** A mail may name its readers in a field instead. */
const namesSomebody = ({ pathname, searchParams }: URL): boolean => /[^/\s]/.test(pathname) || Boolean(searchParams.get('to'));

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
