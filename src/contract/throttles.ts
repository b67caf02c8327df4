/** How many requests a second API Gateway lets through to one route, of all tenants together, and how many at once on top. */
export interface Throttle {
  rate: number;
  burst: number;
}

/**
 * Kinds of routes by what a request of them costs. A tenant's own limit is 50 a second over all routes: each of these is above it, so that no
 * tenant alone can use up a route, and low enough that no route alone can use up the account.
 */
export const THROTTLES = {
  /** Milliseconds in the table: 1,000 a second are some 50 of the account's 1,000 executions at a time. */
  standard: { rate: 1000, burst: 1000 },
  /** One large campaign brings its opt-outs within minutes, and what is refused here Mailchimp sends again for 75 minutes only. */
  webhook: { rate: 3000, burst: 3000 },
  /** Waits for Mailchimp, a second or two as a rule: 100 a second are 100 to 200 executions at a time. */
  vendor: { rate: 100, burst: 200 },
  /** Up to 10,000 addresses or 5 MB in one request, each some 10,000 read units of the 40,000 a second a table begins with. */
  bulk: { rate: 60, burst: 60 },
} as const satisfies Record<string, Throttle>;
export type ThrottleName = keyof typeof THROTTLES;
