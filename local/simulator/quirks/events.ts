import { WEBHOOK_GUIDE, type Quirk } from './quirk.ts';

const SCHEMAS = 'github.com/snowplow/iglu-central (com.mailchimp)';

/** What deliveries say. */
export const eventQuirks: readonly Quirk[] = [
  {
    id: 'form-encoded-deliveries',
    on: 'deliveries are forms with PHP brackets (`data[merges][FNAME]`)',
    off: 'they are JSON',
    source: WEBHOOK_GUIDE,
    switch: { setting: 'formEncodedWebhooks', on: true, off: false },
  },
  {
    id: 'fired-at-without-zone',
    on: '`fired_at` is `2026-09-21 06:03:17`, in UTC without saying so',
    off: 'it is ISO 8601 with an offset',
    source: WEBHOOK_GUIDE,
    switch: { setting: 'firedAtWithoutZone', on: true, off: false },
  },
  {
    id: 'campaign-events-ignore-sources',
    on: 'events of campaigns come whatever `sources` says',
    off: 'they come for the source `admin` only',
    source: 'developer.mailchimp.com/documentation/mailchimp/guides/about-webhooks',
    switch: { setting: 'campaignEventsIgnoreSources', on: true, off: false },
  },
  {
    id: 'own-changes-echo',
    on: 'with the source `api`, changes of the client itself come back to it',
    off: 'changes through the API are not announced',
    source: 'github.com/mailchimp/mc-magento2/issues/2334',
    switch: { setting: 'echoOwnChanges', on: true, off: false },
  },
  {
    id: 'webhook-id-is-not-the-path-id',
    on: '`data[id]` is the `unique_email_id`, which no path understands',
    off: 'it is the id of the member',
    source: SCHEMAS,
    switch: { setting: 'uniqueIdInWebhooks', on: true, off: false },
  },
  {
    id: 'upemail-names-nobody',
    on: '`upemail` has neither `id` nor `email`, only old and new ones',
    off: 'it has both',
    source: SCHEMAS,
    switch: { setting: 'bareUpemail', on: true, off: false },
  },
  {
    id: 'upemail-comes-with-profile',
    on: 'a changed address fires `upemail` and `profile`',
    off: 'it fires `upemail`',
    source: WEBHOOK_GUIDE,
    switch: { setting: 'profileWithUpemail', on: true, off: false },
  },
  {
    id: 'cleaned-has-no-id',
    on: '`cleaned` has an address and no `id`',
    off: 'it describes the member as other events do',
    source: SCHEMAS,
    switch: { setting: 'bareCleaned', on: true, off: false },
  },
  {
    id: 'archiving-looks-like-leaving',
    on: 'archiving somebody fires `unsubscribe` with the action `delete`',
    off: 'the action is `archive`',
    source: `${WEBHOOK_GUIDE}; \`archive\` is unverified`,
    switch: { setting: 'archiveAction', on: 'delete', off: 'archive' },
  },
  {
    id: 'complaints-look-like-leaving',
    on: 'a spam complaint fires `unsubscribe` with the reason `abuse`, and the member is `unsubscribed`',
    off: 'it fires `cleaned` with that reason, and the member is `cleaned`',
    source: `${WEBHOOK_GUIDE}; which of the two happens when, is unverified`,
    switch: { setting: 'complaintEvent', on: 'unsubscribe', off: 'cleaned' },
  },
  {
    id: 'forgotten-have-another-address',
    on: 'a permanent deletion is announced for an address at forgotten.mailchimp.com',
    off: 'it is announced for the address it was',
    source: 'github.com/mailchimp/mc-woocommerce',
    switch: { setting: 'maskForgotten', on: true, off: false },
  },
];
