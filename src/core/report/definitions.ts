import type { CountField } from './report.ts';

interface RateDefinition {
  part: CountName;
  whole: CountName;
  /** Otherwise more than 100 is shown as 100: no more people can open than were reached. */
  mayExceed100: boolean;
}

/** Counts as they are shown: the stored ones, and two that follow from them. */
export type CountName = CountField | 'delivered' | 'bounces';

/**
 * The rates of the product, computed and documented from here. Bounce rate divides by delivered, not by sent: that is how
 * the product states it.
 */
export const RATES = {
  openRate: { part: 'uniqueOpens', whole: 'delivered', mayExceed100: false },
  openRateExcludingProxy: { part: 'uniqueOpensExcludingProxy', whole: 'delivered', mayExceed100: false },
  clickRate: { part: 'uniqueClicks', whole: 'delivered', mayExceed100: false },
  clickToOpenRate: { part: 'uniqueClicks', whole: 'uniqueOpens', mayExceed100: true },
  bounceRate: { part: 'bounces', whole: 'delivered', mayExceed100: true },
  unsubscribeRate: { part: 'unsubscribes', whole: 'delivered', mayExceed100: false },
} as const satisfies Record<string, RateDefinition>;
export type RateName = keyof typeof RATES;
export type MetricName = CountName | RateName;

interface CountDefinition {
  words: string;
  /** The stored counts it is made of. */
  fields: readonly CountField[];
}

const COUNTS = {
  emailsSent: { words: 'e-mails sent', fields: ['emailsSent'] },
  delivered: {
    words: 'emailsSent − hardBounces − softBounces, never below 0',
    fields: ['emailsSent', 'hardBounces', 'softBounces'],
  },
  opens: { words: 'all opens, repeats included', fields: ['opens'] },
  opensExcludingProxy: { words: 'all opens without those of mail proxies such as Apple’s', fields: ['opensExcludingProxy'] },
  uniqueOpens: { words: 'people who opened', fields: ['uniqueOpens'] },
  uniqueOpensExcludingProxy: {
    words: 'people who opened, without opens of mail proxies such as Apple’s',
    fields: ['uniqueOpensExcludingProxy'],
  },
  clicks: { words: 'all clicks on links, repeats included', fields: ['clicks'] },
  uniqueClicks: { words: 'people who clicked', fields: ['uniqueClicks'] },
  bounces: { words: 'hardBounces + softBounces', fields: ['hardBounces', 'softBounces'] },
  hardBounces: {
    words: 'addresses that cannot be reached, those with syntax errors included, which count as 0 when they are not told',
    fields: ['hardBounces'],
  },
  softBounces: { words: 'addresses that could not be reached this time', fields: ['softBounces'] },
  unsubscribes: { words: 'people who left after this campaign', fields: ['unsubscribes'] },
  spamComplaints: { words: 'people who reported it as spam', fields: ['spamComplaints'] },
} as const satisfies Record<CountName, CountDefinition>;

export interface Definition {
  unit: 'count' | 'percent';
  /** In words, over the names of other metrics. */
  formula: string;
  /** The vendor's fields it is computed from. */
  from: string[];
}

/** What each stored count is read from, in a vendor's words. */
export type VendorFields = Record<CountField, readonly string[]>;

const isRate = (name: MetricName): name is RateName => name in RATES;

/** What one metric means, and the vendor's fields behind it. */
export function definitionOf(name: MetricName, vendorFields: VendorFields): Definition {
  const fieldsOf = (count: CountName): readonly CountField[] => COUNTS[count].fields;
  if (!isRate(name)) {
    return { unit: 'count', formula: COUNTS[name].words, from: fieldsOf(name).flatMap((field) => [...vendorFields[field]]) };
  }
  const { part, whole, mayExceed100 } = RATES[name];
  const fields = [...new Set([...fieldsOf(part), ...fieldsOf(whole)])];
  const cap = mayExceed100 ? 'may exceed 100' : 'at most 100';
  return {
    unit: 'percent',
    formula: `${part} ÷ ${whole} × 100, to one decimal, ${cap}; null when ${whole} is 0 or either is unknown`,
    from: fields.flatMap((field) => [...vendorFields[field]]),
  };
}
