import { Parser, type Handler } from 'htmlparser2';

/**
 * Elements within elements. Mails stay below 100. Every tag costs the parser a look through all elements that are open:
 * without this bound a megabyte of open tags would take most of a minute.
 */
export const MAX_HTML_DEPTH = 256;

export type HtmlReader = Partial<Pick<Handler, 'onopentag' | 'ontext'>> & {
  onclosetag?: (name: string, isImplied: boolean) => void;
};

/**
 * Reads a document, and stops where elements nest deeper than `MAX_HTML_DEPTH`. Time grows with the length alone: a
 * megabyte takes about a tenth of a second, whatever it is. Takes any text.
 * @param open gets a way to ask where the current tag begins
 * @returns whether it was read to its end
 */
export function readHtml(
  html: string,
  open: (position: () => number) => HtmlReader,
  options: { decodeEntities?: boolean } = {},
): boolean {
  let depth = 0;
  let isTooDeep = false;
  const reader = open(() => parser.startIndex);
  const parser = new Parser(
    {
      onopentag(name, attributes, isImplied) {
        if (isTooDeep) return;
        depth++;
        isTooDeep = depth > MAX_HTML_DEPTH;
        if (isTooDeep) parser.pause();
        else reader.onopentag?.(name, attributes, isImplied);
      },
      ontext(text) {
        if (!isTooDeep) reader.ontext?.(text);
      },
      onclosetag(name, isImplied) {
        if (isTooDeep) return;
        depth--;
        reader.onclosetag?.(name, isImplied);
      },
    },
    options,
  );
  parser.end(html);
  return !isTooDeep;
}

/** Whether elements nest deeper than anybody reads them here. */
export const nestsTooDeep = (html: string): boolean => !readHtml(html, () => ({}));
