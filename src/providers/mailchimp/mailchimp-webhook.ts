import { createHmac, timingSafeEqual } from 'node:crypto';
import { invalidInput } from '../../core/shared/app-error.ts';
import { MINUTE, SECOND } from '../../core/shared/clock.ts';
import type { HookSignal } from '../../core/webhook/hook.ts';
import type { WebhookAdapter } from '../../core/webhook/receive-delivery.ts';

const MAX_AGE_MS = 5 * MINUTE;

/**
 * `X-Mailchimp-Signature: t=<unix seconds>,v1=<hex>`, where v1 is HMAC-SHA256 over `t.` and the raw body. Several v1
 * parts are accepted, as for a rotation. https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
 */
export const verifySignature: WebhookAdapter['verify'] = ({ rawBody, signature, signingSecret, receivedAtMs }) => {
  const parts = (signature ?? '').split(',').map((part) => part.trim().split('='));
  const stamp = parts.find(([name]) => name === 't')?.[1] ?? '';
  if (!/^\d{1,12}$/.test(stamp) || Math.abs(receivedAtMs - Number(stamp) * SECOND) > MAX_AGE_MS) return false;
  const expected = createHmac('sha256', signingSecret).update(`${stamp}.`).update(rawBody).digest();
  return parts.some(([name, value]) => {
    if (name !== 'v1' || !/^[0-9a-f]{64}$/.test(value ?? '')) return false;
    return timingSafeEqual(Buffer.from(value ?? '', 'hex'), expected);
  });
};

/** `2026-09-21 14:13:20`, UTC. */
function firedAt(value: string | null): string | null {
  if (!value || !/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(value)) return null;
  const ms = Date.parse(`${value.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

const isAddress = (value: string | null): value is string =>
  value !== null && value.length <= 320 && /^[^\s@]+@[^\s@]+$/.test(value.trim());

/** Addresses of erased people end in this domain; there is nobody behind them. */
const isForgotten = (email: string): boolean => email.endsWith('forgotten.mailchimp.com');

export function parseDelivery(rawBody: Buffer): HookSignal {
  const form = new URLSearchParams(rawBody.toString('utf8'));
  const type = form.get('type');
  const at = firedAt(form.get('fired_at'));
  const email = form.get('data[email]');
  const vendorReason = form.get('data[reason]') || null;
  const campaignVendorId = form.get('data[campaign_id]') || null;
  if (type === null) throw invalidInput('type', 'is missing');
  if (type === 'upemail') {
    const [from, to] = [form.get('data[old_email]'), form.get('data[new_email]')];
    if (!isAddress(from) || !isAddress(to)) throw invalidInput('data[new_email]', 'is not an e-mail address');
    return { kind: 'moved', from, to };
  }
  if (type !== 'unsubscribe' && type !== 'cleaned') return { kind: 'ignored' };
  if (!isAddress(email)) throw invalidInput('data[email]', 'is not an e-mail address');
  if (isForgotten(email)) return { kind: 'ignored' };
  const reason = vendorReason === 'abuse' ? 'complaint' : type === 'cleaned' ? 'bounce' : 'unsubscribe';
  return { kind: 'departed', email, reason, campaignVendorId, at, vendorReason };
}

export const mailchimpWebhook: WebhookAdapter = { verify: verifySignature, parse: parseDelivery };
