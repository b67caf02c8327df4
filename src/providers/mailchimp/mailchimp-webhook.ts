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
 * parts are accepted, as for a rotation, but one time only. https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
 */
export const verifySignature: WebhookAdapter['verify'] = ({ rawBody, signature, signingSecret, receivedAtMs }) => {
  const parts = (signature ?? '').split(',').map((part) => part.trim());
  const stamps = parts.flatMap((part) => /^t=(\d{1,12})$/.exec(part)?.[1] ?? []);
  const [stamp] = stamps;
  if (stamp === undefined || stamps.length > 1 || Math.abs(receivedAtMs - Number(stamp) * SECOND) > MAX_AGE_MS) return false;
  const expected = createHmac('sha256', signingSecret).update(`${stamp}.`).update(rawBody).digest();
  return parts.some((part) => {
    const value = /^v1=([0-9a-f]{64})$/.exec(part)?.[1];
    return value !== undefined && timingSafeEqual(Buffer.from(value, 'hex'), expected);
  });
};

/** `2026-09-21 14:13:20`, UTC. */
function firedAt(value: string | null): string | null {
  if (!value || !/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(value)) return null;
  const ms = Date.parse(`${value.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
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

/** A contact that somebody deleted or archived did not ask to leave, but nobody may mail it from here either. */
const REMOVALS = new Set(['delete', 'archive']);

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
  const type = only(form, 'type');
  if (type === null || type === '') throw invalidInput('type', 'is missing');
  const audienceVendorId = wordOf(form.get('data[list_id]'));
  if (type === 'upemail') {
    const [from, to] = [addressIn(form, 'data[old_email]'), addressIn(form, 'data[new_email]')];
    return isForgotten(from) || isForgotten(to) ? { kind: 'ignored' } : { kind: 'moved', from, to, audienceVendorId };
  }
  if (type !== 'unsubscribe' && type !== 'cleaned') return { kind: 'ignored' };
  const email = addressIn(form, 'data[email]');
  if (isForgotten(email)) return { kind: 'ignored' };
  const said = wordOf(form.get('data[reason]'));
  const action = wordOf(form.get('data[action]'));
  const isAbuse = said?.toLowerCase() === 'abuse';
  return {
    kind: 'departed',
    email,
    audienceVendorId,
    reason: isAbuse ? 'complaint' : type === 'cleaned' ? 'bounce' : 'unsubscribe',
    campaignVendorId: wordOf(form.get('data[campaign_id]')),
    at: firedAt(form.get('fired_at')),
    // What was done says more than that it was done by hand.
    vendorReason: !isAbuse && action !== null && REMOVALS.has(action) ? action : said,
  };
}

export const mailchimpWebhook: WebhookAdapter = { verify: verifySignature, parse: parseDelivery, sketch: sketchDelivery };
