import { createHmac } from 'node:crypto';

/** The header with which the vendor signs a delivery: over the time in whole seconds, a dot, and the raw body. */
export function signDelivery(key: string, body: string | Buffer, atMs: number): string {
  const t = Math.floor(atMs / 1_000);
  return `t=${t},v1=${createHmac('sha256', key).update(`${t}.`).update(body).digest('hex')}`;
}
