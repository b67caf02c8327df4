import type { Suppression } from './suppression.ts';

/** The vendor's own words for why somebody left. Whatever else stands there, the person or a colleague may have typed. */
const VENDOR_WORDS: ReadonlySet<string> = new Set(['manual', 'abuse', 'delete', 'archive', 'hard', 'soft', 'syntax']);

const isFreeText = (reason: string | null): boolean => reason !== null && !VENDOR_WORDS.has(reason);

export const isErased = ({ facts }: Pick<Suppression, 'facts'>): boolean =>
  Object.values(facts).some(({ kind }) => kind === 'erasure');

/** How many of the facts say something in free words. */
export const countFreeTexts = ({ facts }: Pick<Suppression, 'facts'>): number =>
  Object.values(facts).filter(({ vendorReason }) => isFreeText(vendorReason)).length;

/** The facts alone: no address, and no text that may name the person. */
export const withoutPerson = (record: Suppression): Suppression => ({
  ...record,
  email: null,
  facts: Object.fromEntries(
    Object.entries(record.facts).map(([key, fact]) => [
      key,
      isFreeText(fact.vendorReason) ? { ...fact, vendorReason: null } : fact,
    ]),
  ),
});
