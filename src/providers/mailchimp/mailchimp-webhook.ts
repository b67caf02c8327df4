import { createHmac, timingSafeEqual } from 'node:crypto';
import { invalidInput } from '../../core/shared/app-error.ts';
import { MINUTE, SECOND } from '../../core/shared/clock.ts';
import { bareAddress } from '../../core/shared/email-address.ts';
import type { HookSignal } from '../../core/webhook/hook.ts';
import type { WebhookAdapter } from '../../core/webhook/receive-delivery.ts';
import { sketchDelivery } from './sketch-delivery.ts';

const MAX_AGE_MS = 5 * MINUTE;

/** No delivery is as long as this: 80 merge fields of 255 characters, each percent-encoded, are a fifth of it. */
const LONGEST_BODY_BYTES = 1024 * 1024;

/**
 * `X-Mailchimp-Signature: t=<unix seconds>,v1=<hex>`, where v1 is HMAC-SHA256 over `t.` and the raw body. Several v1
 * parts are accepted, as for a rotation, but one time only. The age is judged last: a repetition may carry the time of the first
 * try, and only somebody who holds the key can be late. https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
 */
export const verifySignature: WebhookAdapter['verify'] = ({ rawBody, signature, signingSecret, receivedAtMs }) => {
  const parts = (signature ?? '').split(',').map((part) => part.trim());
  const stamps = parts.flatMap((part) => /^t=(\d{1,12})$/.exec(part)?.[1] ?? []);
  const [stamp] = stamps;
  if (stamp === undefined || stamps.length > 1) return 'forged';
  const expected = createHmac('sha256', signingSecret).update(`${stamp}.`).update(rawBody).digest();
  const isSigned = parts.some((part) => {
    const value = /^v1=([0-9a-f]{64})$/.exec(part)?.[1];
    return value !== undefined && timingSafeEqual(Buffer.from(value, 'hex'), expected);
  });
  if (!isSigned) return 'forged';
  // Only what is proven to be in time is: no comparison with a time that is no number holds.
  return Math.abs(receivedAtMs - Number(stamp) * SECOND) <= MAX_AGE_MS ? 'good' : 'stale';
};

/**
 * `2026-09-21 14:13:20`, UTC, or the same as ISO 8601. Of several the latest, and none when one cannot be read, which means the time of the receipt: what was
 * said later outlives more lifts.
 */
function firedAt(values: readonly string[]): string | null {
  const times = values.map((value) =>
    /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}Z?$/.test(value) ? Date.parse(`${value.slice(0, 19).replace(' ', 'T')}Z`) : NaN,
  );
  const last = times.length === 0 ? NaN : Math.max(...times);
  return Number.isNaN(last) ? null : new Date(last).toISOString();
}

/**
 * Bytes that are no UTF-8 become U+FFFD: an address with one is nobody's, and so is one with a control character. Otherwise
 * more is taken than from a caller: whom the vendor holds under an odd address is suppressed under that very one. What is
 * no address goes into quarantine.
 */
const isAddress = (value: string | null): value is string =>
  value !== null && value.length <= 320 && /^[^\s@\p{Cc}\uFFFD]+@[^\s@\p{Cc}\uFFFD]+$/u.test(bareAddress(value));

/** Addresses of erased people end in this domain; there is nobody behind them. */
const isForgotten = (email: string): boolean => /[@.]forgotten\.mailchimp\.com\.?$/i.test(bareAddress(email));

/** Words and ids of the vendor; anything else is not worth keeping, and might be long enough for no table to take. */
const wordOf = (value: string | null): string | null => (value !== null && /^[\w-]{1,64}$/.test(value) ? value : null);

/** All the words of a field, as they were sent; `null` for one that is none. */
const wordsOf = (form: URLSearchParams, name: string): (string | null)[] =>
  form.getAll(name).map((value) => wordOf(value.trim()));

/**
 * A contact that somebody deleted or archived did not ask to leave, but nobody may mail it from here either. Of both, the graver
 * comes first.
 */
const REMOVALS = ['delete', 'archive'];

/** What concerns nobody's departure. Any other type might, and is never passed over in silence. */
const IGNORED = new Set(['subscribe', 'profile', 'campaign', 'sms_subscribe', 'sms_unsubscribe', 'upsms', 'sms_campaign']);

/** @returns the only value of a field, or `null` @throws AppError `invalid_input` when it has two that differ */
function only(form: URLSearchParams, name: string): string | null {
  const [value = null, ...more] = new Set(form.getAll(name));
  if (more.length > 0) throw invalidInput(name, 'is there twice, and differs');
  return value;
}

function addressIn(form: URLSearchParams, name: string): string {
  const value = only(form, name);
  if (value === null || value === '') throw invalidInput(name, 'is missing');
  if (!isAddress(value)) throw invalidInput(name, 'is not an e-mail address');
  return value;
}

export function parseDelivery(rawBody: Buffer): HookSignal {
  if (rawBody.length > LONGEST_BODY_BYTES) throw invalidInput('body', 'is longer than any delivery');
  const form = new URLSearchParams(rawBody.toString('utf8'));
  const type = only(form, 'type')?.trim().toLowerCase() ?? '';
  if (type === '') throw invalidInput('type', 'is missing');
  const audienceVendorId = wordOf(form.get('data[list_id]'));
  if (type === 'upemail') {
    const [from, to] = [addressIn(form, 'data[old_email]'), addressIn(form, 'data[new_email]')];
    return isForgotten(from) || isForgotten(to) ? { kind: 'ignored' } : { kind: 'moved', from, to, audienceVendorId };
  }
  if (IGNORED.has(type)) return { kind: 'ignored' };
  if (type !== 'unsubscribe' && type !== 'cleaned') throw invalidInput('type', 'is none that is known');
  const email = addressIn(form, 'data[email]');
  if (isForgotten(email)) return { kind: 'ignored' };
  const reasons = wordsOf(form, 'data[reason]');
  const abuse = reasons.find((reason) => reason?.toLowerCase() === 'abuse');
  const actions = wordsOf(form, 'data[action]').map((action) => action?.toLowerCase());
  return {
    kind: 'departed',
    email,
    audienceVendorId,
    reason: abuse ? 'complaint' : type === 'cleaned' ? 'bounce' : 'unsubscribe',
    campaignVendorId: wordOf(form.get('data[campaign_id]')),
    at: firedAt(form.getAll('fired_at')),
    // What was done says more than that it was done by hand.
    vendorReason:
      abuse ?? REMOVALS.find((removal) => actions.includes(removal)) ?? reasons.find((reason) => reason !== null) ?? null,
  };
}

export const mailchimpWebhook: WebhookAdapter = { verify: verifySignature, parse: parseDelivery, sketch: sketchDelivery };
