import type { Markup } from '../email-platform/email-platform.ts';
import type { HostStanding, ResolveHost } from '../shared/public-host.ts';
import { runAll } from '../shared/run-all.ts';
import { bounded } from './bounded.ts';
import { warning, type Finding } from './finding.ts';
import { shorten, type HtmlFacts } from './inspect-html.ts';
import { judgeImage, judgeLink, NO_PLACE, type Verdict } from './judge-address.ts';

const MAX_HOSTS = 30;
/** Different addresses of each kind that are judged: a megabyte may hold a hundred thousand. */
const MAX_ADDRESSES = 2_000;

/** An address once, with all its places. */
interface Use {
  kind: 'link' | 'image';
  address: string;
  places: { line: number; text: string }[];
}
interface Judged {
  isUnknown: boolean;
  use: Use;
  why: string;
}

/** The links and images that lead nowhere. Asks the DNS about at most 30 hosts at once, links first. */
export async function checkLinks(facts: HtmlFacts, markup: Markup, resolveHost: ResolveHost): Promise<Finding[]> {
  const links = collect(
    'link',
    facts.links.map(({ href, ...place }) => [href, place]),
  );
  const images = collect(
    'image',
    facts.images.map(({ src, line }) => [src, { line, text: '' }]),
  );
  const judged: Judged[] = [];
  const hosts = new Map<string, Use[]>();
  for (const use of [...links.slice(0, MAX_ADDRESSES), ...images.slice(0, MAX_ADDRESSES)]) {
    const verdict = judge(use, facts, markup);
    if ('why' in verdict) judged.push({ isUnknown: false, use, why: verdict.why });
    else if (verdict.host !== null) append(hosts, verdict.host, use);
  }
  const asked = [...hosts].slice(0, MAX_HOSTS);
  const standings = await runAll(asked, MAX_HOSTS, async ([host]) => resolveHost(host).catch((): HostStanding => 'unknown'));
  asked.forEach(([host, uses], index) => {
    const [why, isUnknown] = reasonOf(standings[index] ?? 'unknown', shorten(host));
    if (why !== null) for (const use of merge(uses)) judged.push({ isUnknown, use, why });
  });
  const left = Math.max(0, links.length - MAX_ADDRESSES) + Math.max(0, images.length - MAX_ADDRESSES);
  return [...toFindings(judged), ...(left === 0 ? [] : [unchecked(left)])];
}

function judge({ kind, address }: Use, { anchors }: HtmlFacts, markup: Markup): Verdict {
  const mergeTagAt = (text: string): number => markup.mergeTagAt(text);
  return kind === 'link' ? judgeLink(address, anchors, mergeTagAt) : judgeImage(address, mergeTagAt);
}

function reasonOf(standing: HostStanding, host: string): [why: string | null, isUnknown: boolean] {
  if (standing === 'absent') return [`there is no host named ${host}`, true];
  if (standing === 'addressless') return [`${host} has no address that a browser could open`, true];
  return standing === 'private' ? [`${host} leads into a private network`, false] : [null, false];
}

const KINDS = [
  ['link', false, 'link_not_public', 'Give the full public address, beginning with https://.'],
  ['link', true, 'link_host_unknown', 'Check how the host is spelled.'],
  ['image', false, 'image_not_public', 'Place the image where the internet can reach it, and give its full address.'],
  ['image', true, 'image_host_unknown', 'Check how the host is spelled.'],
] as const;

/** A link within the mail leads to a place, not to an address. */
const PLACE_FIX = 'Give the place it should lead to that id, or link to a page.';

const toFindings = (judged: readonly Judged[]): Finding[] =>
  KINDS.flatMap(([kind, isUnknown, code, fix]) =>
    bounded(
      code,
      judged
        .filter((one) => one.use.kind === kind && one.isUnknown === isUnknown)
        .map(({ use, why }) => warning(code, placeOf(use), messageOf(use, why), why === NO_PLACE ? PLACE_FIX : fix)),
    ),
  );

const messageOf = ({ kind, address }: Use, why: string): string =>
  kind === 'link'
    ? `The link to “${shorten(address)}” leads nowhere: ${why}.`
    : `Nobody sees the image “${shorten(address)}”: ${why}.`;

const unchecked = (left: number): Finding =>
  warning(
    'links_unchecked',
    'html',
    `There are ${left} more links and images than are looked at.`,
    'Check them yourself, or use fewer.',
  );

/** `line 12, “Order now”, and 3 more` */
function placeOf({ places: [first, ...others] }: Use): string {
  if (!first) return 'html';
  const text = first.text === '' ? '' : `, “${first.text}”`;
  return `line ${first.line}${text}${others.length === 0 ? '' : `, and ${others.length} more`}`;
}

function collect(kind: Use['kind'], places: readonly (readonly [address: string, place: Use['places'][number]])[]): Use[] {
  const uses = new Map<string, Use>();
  for (const [address, place] of places) {
    const use = uses.get(address);
    if (use) use.places.push(place);
    else uses.set(address, { kind, address, places: [place] });
  }
  return [...uses.values()];
}

/** Of each kind one, with the places of all. */
const merge = (uses: readonly Use[]): Use[] =>
  (['link', 'image'] as const).flatMap((kind) => {
    const same = uses.filter((use) => use.kind === kind);
    return same.slice(0, 1).map((first) => ({ ...first, places: same.flatMap(({ places }) => places) }));
  });

function append(hosts: Map<string, Use[]>, host: string, use: Use): void {
  const uses = hosts.get(host);
  if (uses) uses.push(use);
  else hosts.set(host, [use]);
}
