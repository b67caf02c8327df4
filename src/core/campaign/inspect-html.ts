import { Parser } from 'htmlparser2';

export interface Link {
  /** As written, without outer white space. */
  href: string;
  /** What the reader sees: text, or the alternative of an image. At most 60 characters. */
  text: string;
  /** From 1. */
  line: number;
}

export interface HtmlFacts {
  links: Link[];
  imagesWithoutAlternative: { src: string; line: number }[];
  /** What a link to `#name` may name. */
  anchors: ReadonlySet<string>;
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
 * Reads what pre-flight asks of a document: its links, and images that say nothing to who does not see them. An empty
 * alternative is one: it says that the image is decoration. Comments are left out. Takes any text; never throws.
 */
export function inspectHtml(html: string): HtmlFacts {
  const links: Link[] = [];
  const images: HtmlFacts['imagesWithoutAlternative'] = [];
  const anchors = new Set<string>();
  const lineOf = lineCounter(html);
  /** The links that are open, the innermost last. */
  const open: (Link & { parts: string[] })[] = [];
  const close = (): void => {
    const link = open.pop();
    if (link) links.push({ href: link.href, text: shorten(link.parts.join('')), line: link.line });
  };
  const parser = new Parser({
    onopentag(name, attributes) {
      const { href, id, name: named, alt, src } = attributes;
      if (id) anchors.add(id);
      if (name === 'a') {
        if (named) anchors.add(named);
        // A link within a link ends the outer one.
        while (open.length > 0) close();
        if (href !== undefined) open.push({ href: href.trim(), text: '', line: lineOf(parser.startIndex), parts: [] });
      } else if (name === 'area' && href !== undefined) {
        links.push({ href: href.trim(), text: shorten(alt ?? ''), line: lineOf(parser.startIndex) });
      } else if (name === 'img') {
        if (alt === undefined) images.push({ src: shorten(src ?? ''), line: lineOf(parser.startIndex) });
        else open.at(-1)?.parts.push(alt);
      }
    },
    ontext: (text) => void open.at(-1)?.parts.push(text),
    onclosetag(name) {
      if (name === 'a') close();
    },
  });
  parser.end(html);
  while (open.length > 0) close();
  return { links, imagesWithoutAlternative: images, anchors };
}
