import { createHmac } from 'node:crypto';

/**
 * The value of `X-Mailchimp-Signature`: the time in seconds, and an HMAC-SHA256 over it and the raw body.
 * https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
 */
export function signature(secret: string, body: string, atMs: number): string {
  const t = Math.floor(atMs / 1000);
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
}
