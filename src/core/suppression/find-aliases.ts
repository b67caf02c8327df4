import type { Suppression, SuppressionStore } from './suppression.ts';

/** How many other addresses links are followed to: an address that many shared leads to people who have nothing to do with each other. */
export const LINKS_AT_MOST = 50;

export interface Aliases {
  aliases: Suppression[];
  /** Whether there are more than were followed. */
  cutOff: boolean;
}

/**
 * The records of the other addresses that the platform linked to one: those it moved to, those it moved from, and theirs, the
 * nearest first. One BatchGet for each step of the chain, 50 records at most. An address whose record was never written
 * is not among them.
 */
export async function findAliases(
  { suppressions }: { suppressions: Pick<SuppressionStore, 'getMany'> },
  tenantId: string,
  addressHash: string,
): Promise<Aliases> {
  const known = new Map<string, Suppression>();
  const asked = new Set<string>();
  let cutOff = false;
  for (let next = [addressHash]; next.length > 0;) {
    for (const hash of next) asked.add(hash);
    const found = await suppressions.getMany(tenantId, next);
    for (const [hash, record] of found) known.set(hash, record);
    const further = [...new Set([...found.values()].flatMap(linksOf))].filter((hash) => !asked.has(hash)).sort();
    next = further.slice(0, LINKS_AT_MOST + 1 - asked.size);
    cutOff ||= next.length < further.length;
  }
  known.delete(addressHash);
  return { aliases: [...known.values()], cutOff };
}

const linksOf = ({ successors, predecessors }: Suppression): string[] => [...successors, ...predecessors];
