import { DOCS, RECORDED, SWAGGER, type Quirk } from './quirk.ts';

/** How much at once, how much in all, and how that is said. */
export const limitQuirks: readonly Quirk[] = [
  {
    id: 'pages-of-ten',
    on: 'a collection that is asked for without `count` gives ten rows',
    off: 'it gives a thousand',
    source: `${DOCS} (methods and parameters); github.com/hitobito/hitobito/issues/791`,
    switch: { setting: 'defaultCount', on: 10, off: 1_000 },
  },
  {
    id: 'count-is-clamped',
    on: 'a `count` above 1000 gives 1000 rows and no error',
    off: 'it is a 400',
    source: 'github.com/thorning/node-mailchimp/issues/61',
    switch: { setting: 'clampCount', on: true, off: false },
  },
  {
    id: 'large-offsets-are-slow',
    on: 'rows that `offset` skips are paid for, 50,000 a second',
    off: 'any page is as quick as the first',
    source: `${DOCS} (API reference, parameter offset); the figure is unverified`,
    switch: { setting: 'offsetRowsPerSecond', on: 50_000, off: 0 },
  },
  {
    id: 'ten-connections',
    on: 'the eleventh simultaneous call gets 429',
    off: 'there are a thousand connections',
    source: `${DOCS} (rate limits and timeouts)`,
    switch: { setting: 'maxConcurrency', on: 10, off: 1_000 },
  },
  {
    id: 'connections-per-user',
    on: 'all tokens and accounts of one Mailchimp user share its connections, those of other apps too',
    off: 'every token has its own',
    source: `${DOCS} (rate limits and timeouts)`,
    switch: { setting: 'limitPerUser', on: true, off: false },
  },
  {
    id: 'throttled-without-body',
    on: 'the 429 has no body to parse',
    off: 'it is a problem document',
    source: `${DOCS} (rate limits and timeouts), at very high volumes`,
    switch: { setting: 'throttleBodyless', on: true, off: false },
  },
  {
    id: 'throttled-by-403',
    on: 'the throttle answers 403 without a body, which looks like a missing right',
    off: 'it answers 429',
    source: `${DOCS} (rate limits and timeouts), at very high volumes; github.com/mailchimp/mc-woocommerce`,
    switch: { setting: 'throttleStatus', on: 403, off: 429 },
  },
  {
    id: 'no-retry-after',
    on: 'no refusal says when to come back',
    off: 'a 429 has `Retry-After`',
    source: RECORDED,
    switch: { setting: 'omitRetryAfter', on: true, off: false },
  },
  {
    id: 'long-calls-are-cut',
    on: 'a call that takes longer than 120 seconds is cut with a 502',
    off: 'it is answered in the end',
    source: `${DOCS} (rate limits and timeouts; errors)`,
    switch: { setting: 'callLimitMs', on: 120_000, off: 0 },
  },
  {
    id: 'bulk-of-500',
    on: '`POST /lists/{list_id}` takes 500 members at most',
    off: 'it takes 100,000',
    source: SWAGGER,
    switch: { setting: 'bulkLimit', on: 500, off: 100_000 },
  },
  {
    id: 'bulk-errors-inside',
    on: '`POST /lists/{list_id}` answers 200 even when it refused members; `errors` says so',
    off: 'the first refusal is the answer',
    source: SWAGGER,
    switch: { setting: 'bulkErrorsInside', on: true, off: false },
  },
];
