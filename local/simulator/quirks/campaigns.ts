import { DOCS, REFERENCE, SWAGGER, type Quirk } from './quirk.ts';

const GIBBON = 'github.com/amro/gibbon/issues';
const DREWM = 'github.com/drewm/mailchimp-api/issues';
const NET = 'github.com/brandonseydel/MailChimp.Net/issues';

/** Drafts, sending and scheduling. */
export const campaignQuirks: readonly Quirk[] = [
  {
    id: 'unverified-senders-are-accepted',
    on: 'a draft may have a sender of an unverified domain; only the send fails',
    off: 'the draft is refused',
    source: 'github.com/Automattic/newspack-newsletters',
    switch: { setting: 'acceptUnverifiedSenders', on: true, off: false },
  },
  {
    id: 'not-ready-without-a-reason',
    on: 'a refused send says `Your Campaign is not ready to send.` and nothing more',
    off: 'it says what is missing',
    source: `${NET}/364`,
    switch: { setting: 'silentSendRefusals', on: true, off: false },
  },
  {
    id: 'schedule-refused-without-a-reason',
    on: 'a refused schedule says `This campaign cannot be scheduled: .`',
    off: 'the reason follows',
    source: `${GIBBON}/243; ${DREWM}/211; ${DREWM}/315`,
    switch: { setting: 'silentScheduleRefusals', on: true, off: false },
  },
  {
    id: 'quarter-hours-only',
    on: 'a campaign can be scheduled for the minutes 00, 15, 30 and 45 only',
    off: 'any time in the future will do',
    source: `${REFERENCE}/campaigns/schedule-campaign`,
    switch: { setting: 'quarterHoursOnly', on: true, off: false },
  },
  {
    id: 'second-send-is-an-error',
    on: 'sending what was sent is a 400 that begins with `Cannot send`, so a retry after a lost answer looks like a failure',
    off: 'it is 204 again, and nothing is sent twice',
    source: `${NET}/558`,
    switch: { setting: 'refuseSecondSend', on: true, off: false },
  },
  {
    id: 'send-answers-early',
    on: 'the send is answered with 204 while the campaign is still `sending`',
    off: 'the campaign is `sent` by the next call',
    source: `${REFERENCE}/campaigns/send-campaign`,
    switch: { setting: 'deliveryMs', on: 2_000, off: 0 },
  },
  {
    id: 'new-campaigns-are-not-ready',
    on: 'for a minute after its creation a complete campaign is not ready to send',
    off: 'it is ready at once',
    source: `${NET}/364; for how long, is unverified`,
    switch: { setting: 'checklistLagMs', on: 60_000, off: 0 },
  },
  {
    id: 'sending-cannot-be-deleted',
    on: 'deleting a campaign while it is `sending` is a 405',
    off: 'it is deleted',
    source: `${DOCS} (errors)`,
    switch: { setting: 'refuseDeleteWhileSending', on: true, off: false },
  },
  {
    id: 'cancelling-costs-extra',
    on: '`cancel-send` is a 403 for accounts without the paid feature',
    off: 'every account may',
    source: SWAGGER,
    switch: { setting: 'cancelNeedsPro', on: true, off: false },
  },
  {
    id: 'patch-needs-all-settings',
    on: 'changing a campaign demands `settings` with subject, sender and reply address, whatever is changed',
    off: 'a change names what it changes',
    source: SWAGGER,
    switch: { setting: 'strictCampaignPatch', on: true, off: false },
  },
  {
    id: 'analytics-label-of-50-bytes',
    on: '`tracking.google_analytics` takes 50 bytes, which are fewer than 50 letters outside English',
    off: 'it takes 500',
    source: SWAGGER,
    switch: { setting: 'analyticsBytes', on: 50, off: 500 },
  },
  {
    id: 'statuses-that-cannot-be-asked-for',
    on: '`GET /campaigns?status=canceled` is a 400, though campaigns may have that status',
    off: 'all statuses can be asked for',
    source: SWAGGER,
    switch: { setting: 'narrowStatusFilter', on: true, off: false },
  },
  {
    id: 'web-id-is-not-the-id',
    on: 'the number in the address bar of the web application, `web_id`, is a 404 in paths',
    off: 'campaigns are found by it too',
    source: `${GIBBON}/242`,
    switch: { setting: 'webIdIsNoId', on: true, off: false },
  },
  {
    id: 'footer-instead-of-refusal',
    on: 'content without an unsubscribe link may be sent: a footer is appended',
    off: 'it is not ready to send',
    source: 'unverified: which of the two, nobody says',
    switch: { setting: 'requireUnsubscribeTag', on: false, off: true },
  },
  {
    id: 'free-mail-cannot-be-verified',
    on: 'domains such as gmail.com cannot be verified',
    off: 'they can be added like others',
    source: 'mailchimp.com/help/limitations-of-free-email-addresses',
    switch: { setting: 'refuseFreeMailDomains', on: true, off: false },
  },
];
