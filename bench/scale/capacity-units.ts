const KB = 1_024;

/** Write units of one item: one for each KB, at least one. */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / KB));

/** Read units of an item, or of all items of a query: one for each 4 KB, at least one; half of it where consistency is not asked for. */
export const readUnits = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / (4 * KB))) * (consistent ? 1 : 0.5);
