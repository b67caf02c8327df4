/** The marked parts of a Markdown file, by name. */
export type Figures = Readonly<Record<string, string>>;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

export const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), `|${'---|'.repeat(head.length)}`, ...rows.map(row)].join('\n');

/** A text with what stands between `<!-- figures: name -->` and `<!-- end -->` replaced. @throws when a mark is missing */
export function withFigures(text: string, figures: Figures): string {
  let next = text;
  for (const [name, figure] of Object.entries(figures)) {
    const begin = `<!-- figures: ${name} -->\n`;
    const from = next.indexOf(begin);
    const end = next.indexOf('<!-- end -->', from);
    if (from < 0 || end < 0) throw new Error(`The text has no figures ${name}.`);
    next = `${next.slice(0, from + begin.length)}\n${figure}\n\n${next.slice(end)}`;
  }
  return next;
}
