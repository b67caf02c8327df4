/** The fields whose empty string stands for a time that has not come. */
const DATES = new Set([
  'campaign_last_sent',
  'create_time',
  'date',
  'date_created',
  'date_edited',
  'first_payment',
  'last_changed',
  'last_click',
  'last_login',
  'last_open',
  'last_sub_date',
  'last_unsub_date',
  'member_since',
  'rss_last_send',
  'send_time',
  'sms_subscription_last_updated',
  'start_time',
  'timestamp',
  'timestamp_opt',
  'timestamp_signup',
  'verification_sent',
]);

/** The same body with null in place of every missing date. */
export function nullDates(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(nullDates);
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]: [string, unknown]) => [
      name,
      value === '' && DATES.has(name) ? null : nullDates(value),
    ]),
  );
}
