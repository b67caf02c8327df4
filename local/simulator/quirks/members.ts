import { DOCS, RECORDED, REFERENCE, SWAGGER, type Quirk } from './quirk.ts';

const MC4WP = 'github.com/ibericode/mailchimp-for-wordpress/issues';

/** Audiences and the people on them. */
export const memberQuirks: readonly Quirk[] = [
  {
    id: 'list-stats-are-cached',
    on: 'the counts of an audience are up to five minutes old',
    off: 'they are those of the moment',
    source: SWAGGER,
    switch: { setting: 'statsCacheMs', on: 300_000, off: 0 },
  },
  {
    id: 'list-rates-in-percent',
    on: 'open and click rates of audiences are percentages, those of reports fractions',
    off: 'all are fractions',
    source: SWAGGER,
    switch: { setting: 'listRatesInPercent', on: true, off: false },
  },
  {
    id: 'small-sends-do-not-count',
    on: '`campaign_last_sent` moves for mailings to ten or more people only',
    off: 'it moves for each',
    source: SWAGGER,
    switch: { setting: 'countedSendSize', on: 10, off: 0 },
  },
  {
    id: 'total-contacts-on-request',
    on: '`stats.total_contacts` is missing unless `include_total_contacts` asks for it',
    off: 'it is always there',
    source: SWAGGER,
    switch: { setting: 'totalContactsOnRequest', on: true, off: false },
  },
  {
    id: 'archived-are-out-of-view',
    on: 'archived people are in no list of members that does not ask for `status=archived`',
    off: 'they are in the list like everybody',
    source: `unverified: ${REFERENCE}/list-members does not say`,
    switch: { setting: 'hideArchived', on: true, off: false },
  },
  {
    id: 'delete-archives',
    on: 'DELETE archives a member, who can still be read',
    off: 'the member is gone',
    source: `${REFERENCE}/list-members`,
    switch: { setting: 'deleteArchives', on: true, off: false },
  },
  {
    id: 'some-cannot-be-deleted',
    on: 'DELETE of a bounced, pending or archived member is a 405',
    off: 'it works for all',
    source: RECORDED,
    switch: { setting: 'refuseSomeDeletes', on: true, off: false },
  },
  {
    id: 'forgotten-cannot-return',
    on: 'who was permanently deleted reads as 404 but cannot be added again: `Forgotten Email Not Subscribed`',
    off: 'they can be added like anybody new',
    source: `${MC4WP}/666; github.com/nztim/mailchimp/issues/31`,
    switch: { setting: 'rememberForgotten', on: true, off: false },
  },
  {
    id: 'compliance-state',
    on: 'who opted out, bounced or complained cannot be set to `subscribed`: `Member In Compliance State`',
    off: 'any status can be set',
    source: `${MC4WP}/798; github.com/Automattic/jetpack/issues/21153`,
    switch: { setting: 'enforceCompliance', on: true, off: false },
  },
  {
    id: 'pending-passes-compliance',
    on: 'the same people can be set to `pending`, which mails them a confirmation',
    off: 'that is refused too',
    source: 'github.com/mailchimp/mc-woocommerce',
    switch: { setting: 'pendingPassesCompliance', on: true, off: false },
  },
  {
    id: 'post-refuses-existing',
    on: 'POST of somebody on the list is a 400 `Member Exists`, not a conflict and no change',
    off: 'it changes the member',
    source: RECORDED,
    switch: { setting: 'postRefusesExisting', on: true, off: false },
  },
  {
    id: 'example-addresses-look-fake',
    on: 'addresses at example.com are refused as fake, in tests too',
    off: 'they are accepted',
    source: `${RECORDED}; ${MC4WP}/506`,
    switch: { setting: 'refuseExampleDomains', on: true, off: false },
  },
  {
    id: 'unsubscribed-since-needs-status',
    on: '`unsubscribed_since` without `status=unsubscribed` is a 400',
    off: 'it implies the status',
    source: SWAGGER,
    switch: { setting: 'sinceNeedsStatus', on: true, off: false },
  },
  {
    id: 'complaints-cannot-be-filtered',
    on: 'the abuse reports of an audience know no time filter: `since_date` is passed over',
    off: '`since_date` leaves out older ones',
    source: SWAGGER,
    switch: { setting: 'unfilteredAbuseReports', on: true, off: false },
  },
  {
    id: 'path-id-is-md5-of-lower-case',
    on: 'the id of a member in paths is the MD5 of the lower-cased address; that of the address as written is a 404',
    off: 'both are understood',
    source: `${DOCS} (methods and parameters); github.com/VingtCinq/python-mailchimp/issues/182`,
    switch: { setting: 'lowerCaseIds', on: true, off: false },
  },
];
