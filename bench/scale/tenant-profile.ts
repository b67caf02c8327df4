/** What one simulated tenant has at its e-mail platform, and what changes there in a day. */
export interface TenantProfile {
  audiences: number;
  /** Of each audience, who has left before the first day. */
  departedPerAudience: number;
  /** Of the first audience, who leaves during the day; half of them are told by webhook. */
  departuresPerDay: number;
  /** Sent campaigns, whose reports are read. */
  campaigns: number;
  automations: number;
}

/**
 * The tenant of an index, always the same. Seven of ten have one audience, two have two, one has five; one of a hundred
 * has more campaigns than fit a page of reports, so that its run takes a second turn, and lists that just fit a page, so that a
 * weekly whole reading, which falls on a day that follows from an id, is no call more than any other.
 */
export function tenantProfile(index: number): TenantProfile {
  const isLarge = index % 100 === 99;
  const audiences = index % 10 === 9 ? 5 : index % 10 >= 7 ? 2 : 1;
  return {
    audiences,
    departedPerAudience: isLarge ? 900 : 20,
    departuresPerDay: isLarge ? 40 : index % 4,
    campaigns: isLarge ? 1_050 : 3 + (index % 5),
    automations: index % 3 === 0 ? 1 : 0,
  };
}
