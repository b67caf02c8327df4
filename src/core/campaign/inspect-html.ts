import { readHtml } from '../shared/read-html.ts';

export interface Link {
  /** As written, without outer white space. */
  href: string;
  /** What the reader sees: text, or the alternative of an image. At most 60 characters. */
  text: string;
  /** From 1. */
  line: number;
}

export interface Image {
  /** As written, without outer white space. */
  src: string;
  line: number;
  hasAlternative: boolean;
}

export interface HtmlFacts {
  links: Link[];
  images: Image[];
  /** What a link to `#name` may name. */
  anchors: ReadonlySet<string>;
  /** Elements nest deeper than is looked at: the rest is missing here. */
  isTooDeep: boolean;
}

const TEXT_LENGTH = 60;

export const shorten = (text: string): string => {
  const words = text.replace(/\s+/g, ' ').trim();
  return words.length > TEXT_LENGTH ? `${words.slice(0, TEXT_LENGTH - 1)}…` : words;
};

/** The line of a position, for positions that only grow. */
function lineCounter(html: string): (position: number) => number {
  let [line, end] = [1, html.indexOf('\n')];
  return (position) => {
    for (; end !== -1 && end < position; end = html.indexOf('\n', end + 1)) line++;
    return line;
  };
}

/**
 * Reads what pre-flight asks of a document: its links and images. An empty alternative is one: it says that the image is
 * decoration. Comments are left out. Takes any text; never throws; a megabyte takes about a tenth of a second.
 */
export function inspectHtml(html: string): HtmlFacts {
  const links: Link[] = [];
  const images: Image[] = [];
  const anchors = new Set<string>();
  const lineOf = lineCounter(html);
  /** The links that are open, the innermost last. */
  const open: (Link & { parts: string[] })[] = [];
  const close = (): void => {
    const link = open.pop();
    if (link) links.push({ href: link.href, text: shorten(link.parts.join('')), line: link.line });
  };
  const isComplete = readHtml(html, (position) => ({
    onopentag(name, attributes) {
      const { href, id, name: named, alt, src } = attributes;
      if (id) anchors.add(id);
      if (name === 'a') {
        if (named) anchors.add(named);
        // A link within a link ends the outer one.
        while (open.length > 0) close();
        if (href !== undefined) open.push({ href: href.trim(), text: '', line: lineOf(position()), parts: [] });
      } else if (name === 'area' && href !== undefined) {
        links.push({ href: href.trim(), text: shorten(alt ?? ''), line: lineOf(position()) });
      } else if (name === 'img') {
        images.push({ src: src?.trim() ?? '', line: lineOf(position()), hasAlternative: alt !== undefined });
        if (alt !== undefined) open.at(-1)?.parts.push(alt);
      }
    },
    ontext: (text) => void open.at(-1)?.parts.push(text),
    onclosetag(name) {
      if (name === 'a') close();
    },
  }));
  while (open.length > 0) close();
  return { links, images, anchors, isTooDeep: !isComplete };
}
