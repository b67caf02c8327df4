import { CHANGELOG, DOCS, SWAGGER, type Quirk } from './quirk.ts';

const VEDA = 'github.com/veda-consulting-company/uk.co.vedaconsulting.mailchimp/issues';

/** Registering hooks, and how deliveries come. */
export const webhookQuirks: readonly Quirk[] = [
  {
    id: 'validation-within-the-call',
    on: 'the call that creates a hook waits for a GET of its URL, which must answer 200 before the hook exists',
    off: 'the hook is created unseen',
    source: `${VEDA}/136; github.com/PipedreamHQ/pipedream/issues/1289`,
    switch: { setting: 'validateHookUrls', on: true, off: false },
  },
  {
    id: 'queries-do-not-tell-hooks-apart',
    on: 'a second hook whose URL differs in the query only is refused',
    off: 'it is another URL',
    source: `${SWAGGER}/issues/11`,
    switch: { setting: 'ignoreHookQuery', on: true, off: false },
  },
  {
    id: 'signed-unasked',
    on: 'new hooks are signed without being asked for it',
    off: 'deliveries have no signature, as those of older hooks',
    source: `${DOCS} (webhooks)`,
    switch: { setting: 'signWebhooks', on: true, off: false },
  },
  {
    id: 'secret-shown-once',
    on: '`signing_secret` is in the answer to the creation and in no other',
    off: 'it can be read again',
    source: `${DOCS} (webhooks)`,
    switch: { setting: 'secretOnce', on: true, off: false },
  },
  {
    id: 'every-attempt-is-signed-anew',
    on: 'every attempt has a signature of its own time',
    off: 'a retry carries the old signature, which is soon too old',
    source: `unverified: follows from the 300 seconds and 75 minutes of ${DOCS} (webhooks)`,
    switch: { setting: 'signEachAttempt', on: true, off: false },
  },
  {
    id: 'omitted-flags-are-off',
    on: 'an event or source that the creation does not name is off',
    off: 'it is on',
    source: `unverified: ${DOCS} (webhooks) leaves it open`,
    switch: { setting: 'omittedFlagsAreOff', on: true, off: false },
  },
  {
    id: 'ten-seconds-to-answer',
    on: 'a receiver that takes longer than ten seconds has failed',
    off: 'it has a minute',
    source: `${DOCS} (webhooks)`,
    switch: { setting: 'webhookTimeoutMs', on: 10_000, off: 60_000 },
  },
  {
    id: 'retries-for-75-minutes',
    on: 'a failed delivery comes again, for 75 minutes',
    off: 'it comes once',
    source: `${DOCS} (webhooks); the spacing is unverified`,
    switch: { setting: 'retryWebhooks', on: true, off: false },
  },
  {
    id: 'deliveries-twice',
    on: 'half of the events arrive twice',
    off: 'each arrives once',
    source: `${DOCS} (webhooks: at least once); how often, is unverified`,
    switch: { setting: 'dupRate', on: 0.5, off: 0 },
  },
  {
    id: 'deliveries-out-of-order',
    on: 'events overtake each other',
    off: 'they come in the order in which they happened',
    source: `${DOCS} (webhooks: no order); how much, is unverified`,
    switch: { setting: 'shuffleWindow', on: 10, off: 0 },
  },
  {
    id: 'failing-hooks-are-disabled',
    on: 'twenty failures in a row disable a hook, and no call tells the client',
    off: 'it goes on failing',
    source: `${VEDA}/312; the number is unverified`,
    switch: { setting: 'disableAfterFailures', on: 20, off: 1_000_000 },
  },
  {
    id: 'half-failing-hooks-are-disabled',
    on: 'a hook that fails more than half of a hundred attempts within an hour is disabled',
    off: 'it goes on',
    source: `${VEDA}/312; the share is unverified`,
    switch: { setting: 'disableFailureShare', on: 0.5, off: 1 },
  },
  {
    id: 'disabled-hooks-vanish',
    on: 'a disabled hook is no longer listed',
    off: 'it is listed like the others',
    source: 'unverified: nobody says what the API shows',
    switch: { setting: 'disabledHooks', on: 'hidden', off: 'listed' },
  },
  {
    id: '410-disables-at-once',
    on: 'a single 410 disables the hook',
    off: 'it is a failure like others, and retried',
    source: `${CHANGELOG} (2021-04-05)`,
    switch: { setting: 'disableOn410', on: true, off: false },
  },
];
