/**
 * The closed list of error codes: what happened, why, what to do. `src/runtime/http-status.ts` gives each its HTTP
 * status and does not compile without; `docs/errors.md` is printed from both.
 */
const entry = (title: string, cause: string, fix: string, retryable = false) => ({ title, cause, fix, retryable });

export const ERRORS = {
  invalid_input: entry(
    'Invalid input',
    'A field of the request is missing, unknown or malformed.',
    'Correct the fields named in errors.',
  ),
  invalid_json: entry(
    'Not JSON',
    'The request body could not be read as JSON.',
    'Send a JSON object with Content-Type: application/json.',
  ),
  invalid_cursor: entry(
    'Invalid cursor',
    'The cursor was altered, or belongs to another list.',
    'Start again without a cursor and follow nextCursor.',
  ),
  payload_too_large: entry(
    'Too large',
    'The request body is larger than 5 MB, or an imported file than 2 MB.',
    'Send less at once.',
  ),
  unsupported_media_type: entry(
    'Wrong kind of body',
    'The route takes a text of another kind than Content-Type says.',
    'Send the file as it is, with Content-Type: text/csv.',
  ),
  unauthorized: entry(
    'Not signed in',
    'The credential is missing, unknown, expired or revoked.',
    'Send Authorization: Bearer with a valid API key, or with the ID token of a person who is signed in.',
  ),
  forbidden: entry(
    'Not allowed',
    'The role of this credential does not allow the request.',
    'Use a credential with a higher role.',
  ),
  not_found: entry('Not found', 'There is nothing under this address for this tenant.', 'Check the id.'),
  route_not_found: entry('No such route', 'The API has no such method and path.', 'See GET /v1/openapi.json for the routes.'),
  rate_limited: entry(
    'Too many requests',
    'This tenant sends more requests than its limit allows.',
    'Wait as long as Retry-After says, then go on more slowly.',
    true,
  ),
  internal_error: entry(
    'Our fault',
    'Something unexpected happened on our side.',
    'Try again; if it stays, report the request id.',
    true,
  ),
  service_unavailable: entry(
    'Not available now',
    'A store or the issuer of tokens could not be reached, or too many writers met on one record. Nothing was half-done.',
    'Try again in a few seconds.',
    true,
  ),
  idempotency_key_reused: entry(
    'Key used for another request',
    'This Idempotency-Key was used with another body.',
    'Use a new key for a new request.',
  ),
  idempotency_key_in_flight: entry(
    'Still in progress',
    'A request with this Idempotency-Key is still being worked on.',
    'Ask again in a moment with the same key.',
    true,
  ),

  not_connected: entry(
    'Not connected',
    'The tenant has no connected account on this platform.',
    'Connect Mailchimp under Settings, Integrations.',
  ),
  choose_a_platform: entry(
    'Choose a platform',
    'No platform was named, no default is set, and there is not exactly one connected platform.',
    'Name a platform, or set a default platform.',
  ),
  platform_mismatch: entry(
    'Platform and audience differ',
    'The audience belongs to another platform than the one named.',
    'Leave platform out, or name the one of the audience.',
  ),
  invalid_oauth_session: entry(
    'Invalid OAuth session',
    'The state or ticket is missing, wrong, expired, already used, or of another tenant.',
    'Start again with Connect Mailchimp, in the same browser, and finish within 10 minutes.',
  ),
  connection_failed: entry(
    'Mailchimp connection failed',
    'Mailchimp did not give what a connection needs. Nothing was kept.',
    'Connect again; if it stays, check the Mailchimp app credentials.',
  ),
  account_mismatch: entry(
    'Another account',
    'Another Mailchimp account is connected to this tenant.',
    'Disconnect the current account first, or consent with the same account.',
  ),
  invalid_token: entry(
    'Invalid token',
    'Mailchimp no longer accepts the token: access was revoked or the account was closed.',
    'Reconnect Mailchimp',
  ),
  account_disabled: entry(
    'Account disabled',
    'Mailchimp has deactivated this account.',
    'Clear the matter with Mailchimp; we look again every day.',
  ),
  api_endpoint_error: entry(
    'API endpoint error',
    'The API address of the account is not valid, or refuses a token that Mailchimp calls valid.',
    'Reconnect to refresh metadata',
  ),
  list_not_found: entry('List not found', 'The audience does not exist any more, or never did.', 'Select a different list'),
  template_not_found: entry(
    'Template not found',
    'The template does not exist any more, or never did.',
    'Select a different template, or send html.',
  ),
  audience_empty: entry(
    'Audience is empty',
    'The audience has no subscribed contacts.',
    'Select a different list, or add subscribers in Mailchimp.',
  ),
  suppressed_subscribed: entry(
    'Suppressed people are subscribed',
    'People who must not be mailed are still subscribed in this audience.',
    'Unsubscribe them at Mailchimp: push the suppressions, then send again. Whoever is still subscribed then, Mailchimp refuses to change: unsubscribe them there.',
  ),
  sender_unverified: entry(
    'Sender email unverified',
    'The domain of the sender address is not verified at Mailchimp.',
    'Verify in the Mailchimp dashboard',
  ),
  campaign_not_ready: entry(
    'Campaign not ready',
    'The checklist of Mailchimp names reasons against sending.',
    'Mend what the vendor detail names, then send again.',
  ),
  campaign_not_editable: entry('Campaign cannot be changed', 'It was sent, or is being sent.', 'Create a new campaign.'),
  campaign_scheduled: entry(
    'Scheduled at Mailchimp',
    'Somebody planned the sending of this campaign in Mailchimp, and Mailchimp changes no planned campaign.',
    'Take the planned sending back in Mailchimp, then change it here. To send it now as it is, send it here.',
  ),
  undo_too_late: entry(
    'Too late to take back',
    'The time for taking the send back is over, or the campaign was not waiting to be sent.',
    'Look at the campaign: it says what became of the send.',
  ),
  other_account: entry(
    'Draft of another account',
    'The campaign was made in a Mailchimp account that is no longer connected.',
    'Create a new campaign in the connected account.',
  ),
  deleted_at_vendor: entry('Deleted at Mailchimp', 'The draft was deleted in the Mailchimp dashboard.', 'Create a new campaign.'),
  send_not_started: entry(
    'The send did not start',
    'Ten minutes after Mailchimp was asked to send, the campaign was still a draft there.',
    'Send the campaign again.',
  ),
  send_outcome_unknown: entry(
    'Outcome unknown',
    'Mailchimp was asked to send, its answer was lost, and it can no longer be asked whether the campaign went out.',
    'Look in Mailchimp whether it was sent. If it was not, create a new campaign.',
  ),
  account_paused: entry(
    'Sending is paused',
    'Mailchimp has stopped this account from sending until its compliance team has looked at it.',
    'Answer the message of Mailchimp in its dashboard, then try again.',
  ),
  plan_lacks_feature: entry(
    'Not in the plan',
    'The Mailchimp plan or the role of the person who connected does not include this.',
    'Change the plan or connect with a higher role.',
  ),
  sync_incomplete: entry(
    'Run did not come to its end',
    'The run used all the time it has, or did not get any further.',
    'Start it again: it goes on with what is left. If it ends like this again, tell us.',
  ),
  vendor_rejected: entry(
    'Refused by Mailchimp',
    'Mailchimp refused the request.',
    'See the vendor detail, correct the request and try again.',
  ),
  vendor_rate_limited: entry(
    'Mailchimp is busy',
    'Mailchimp allows ten calls at a time per account, and all are taken.',
    'Try again in a minute.',
    true,
  ),
  vendor_unavailable: entry(
    'Mailchimp does not answer',
    'Mailchimp answered with a fault, or not in time.',
    'Try again in a few minutes.',
    true,
  ),
  webhook_rejected: entry(
    'Webhook refused',
    'Mailchimp could not verify our webhook address.',
    'Check that the public address is reachable from the internet, then repair the webhooks.',
  ),
  complaint_stays: entry(
    'Complaints stay',
    'The person reported a message as spam; such a suppression is never lifted.',
    'Leave the address out of your audiences.',
  ),
  last_owner_key: entry(
    'Last owner key',
    'Without this key nobody could act as the owner of the tenant any more.',
    'Make another key with the role owner first.',
  ),
  recipient_suppressed: entry(
    'Recipient is suppressed',
    'One of the addresses must not be mailed.',
    'Leave out the addresses named in errors.',
  ),
  erasure_stays: entry(
    'Erased people stay suppressed',
    'The person asked to be erased; only a keyed hash of the address is left, and it stays.',
    'Nothing: the person has to subscribe again with another address.',
  ),
} as const satisfies Record<string, ReturnType<typeof entry>>;

export type ErrorCode = keyof typeof ERRORS;
export const ERROR_CODES = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);
