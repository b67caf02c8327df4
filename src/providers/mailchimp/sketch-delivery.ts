import { normalizeEmail } from '../../core/shared/email-address.ts';
import type { DeliverySketch } from '../../core/webhook/quarantine.ts';

/** As much as is looked at; the longest delivery there can be is shorter. */
const LOOKED_AT_BYTES = 64 * 1024;

type Value = DeliverySketch['fields'][number]['value'];
type Show = (value: string) => Value;

const count = (value: string): string => `${value.length} characters`;
/** A value that is one of the vendor's words is shown, any other one only measured. */
const words =
  (...known: readonly string[]): Show =>
  (value) => ({ text: value === '' ? '(empty)' : known.includes(value) ? value : `(unknown, ${count(value)})` });
const pattern =
  (form: RegExp): Show =>
  (value) => ({ text: value === '' ? '(empty)' : form.test(value) ? value : `(malformed, ${count(value)})` });
const address: Show = (value) => {
  if (value.includes('@')) return { address: normalizeEmail(value) };
  return { text: value === '' ? '(empty)' : `(no @, ${count(value)})` };
};
/** Names, numbers, places: that it was there is all that is told. */
const hidden: Show = (value) => ({ text: value === '' ? '(empty)' : '(not kept)' });

/** The fields of the vendor's contract. A name that is not here may be anything, and is only counted. */
const SHOWN: Readonly<Record<string, Show>> = {
  type: words(
    'subscribe',
    'unsubscribe',
    'profile',
    'cleaned',
    'upemail',
    'campaign',
    'sms_subscribe',
    'sms_unsubscribe',
    'upsms',
    'sms_campaign',
  ),
  fired_at: pattern(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
  'data[action]': words('unsub', 'delete', 'archive'),
  'data[reason]': words('manual', 'abuse', 'hard'),
  'data[list_id]': pattern(/^[0-9a-f]{10}$/),
  'data[campaign_id]': pattern(/^[0-9a-f]{10}$/),
  'data[email]': address,
  'data[old_email]': address,
  'data[new_email]': address,
  'data[id]': hidden,
  'data[new_id]': hidden,
  'data[web_id]': hidden,
  'data[email_type]': words('html', 'text'),
  'data[ip_opt]': hidden,
  'data[ip_signup]': hidden,
  'data[merges][EMAIL]': hidden,
  'data[merges][FNAME]': hidden,
  'data[merges][LNAME]': hidden,
  'data[merges][ADDRESS]': hidden,
  'data[merges][PHONE]': hidden,
  'data[merges][BIRTHDAY]': hidden,
  'data[merges][INTERESTS]': hidden,
  'data[merges][GROUPINGS]': hidden,
};

/** What may be told of a body that could not be read. Never throws, whatever the bytes. */
export function sketchDelivery(rawBody: Buffer): DeliverySketch {
  const form = new URLSearchParams(rawBody.subarray(0, LOOKED_AT_BYTES).toString('utf8'));
  const known = Object.entries(SHOWN).filter(([name]) => form.has(name));
  return {
    bytes: rawBody.length,
    fields: known.map(([name, show]) => ({ name, value: show(form.get(name) ?? '') })),
    otherFields: [...form.keys()].filter((name) => !Object.hasOwn(SHOWN, name)).length,
  };
}
