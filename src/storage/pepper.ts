import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { AppError } from '../core/shared/app-error.ts';
import type { AddressHasher } from '../core/suppression/suppression.ts';

export const pepperSecret = z.object({ pepper: z.string().min(32) });

const derive = (pepper: string, purpose: string): Buffer => Buffer.from(hkdfSync('sha256', pepper, '', purpose, 32));

/** HMAC-SHA-256 of the address under a key of the deployment and the tenant: nobody guesses addresses from the table. */
export function makeAddressHasher(pepper: () => Promise<{ pepper: string }>): AddressHasher {
  const byTenant = new Map<string, Buffer>();
  return {
    async hash(tenantId, normalizedEmail) {
      let key = byTenant.get(tenantId);
      if (!key) {
        key = derive((await pepper()).pepper, `illixis/suppression/v1/${tenantId}`);
        byTenant.set(tenantId, key);
      }
      return createHmac('sha256', key).update(normalizedEmail).digest('hex');
    },
  };
}

export interface Cursors {
  /** @param list the list's own name, so that a cursor of one is refused by another */
  sign(tenantId: string, list: string, position: string | null): Promise<string | null>;
  /** @throws AppError `invalid_cursor` */
  open(tenantId: string, list: string, cursor: string | undefined): Promise<string | null>;
}

const KEY_ID = 'c1';

/** Opaque cursors, signed for one tenant and list. The key id leaves room for a rotation. */
export function makeCursors(pepper: () => Promise<{ pepper: string }>): Cursors {
  const seal = async (tenantId: string, list: string, payload: string): Promise<Buffer> =>
    createHmac('sha256', derive((await pepper()).pepper, `illixis/cursor/${KEY_ID}`))
      .update(`${tenantId}\n${list}\n${payload}`)
      .digest();
  return {
    async sign(tenantId, list, position) {
      if (position === null) return null;
      const payload = Buffer.from(position).toString('base64url');
      return `${KEY_ID}.${payload}.${(await seal(tenantId, list, payload)).toString('base64url')}`;
    },
    async open(tenantId, list, cursor) {
      if (cursor === undefined) return null;
      const [keyId, payload, signature, ...rest] = cursor.split('.');
      const given = Buffer.from(signature ?? '', 'base64url');
      const expected = await seal(tenantId, list, payload ?? '');
      const isWhole = keyId === KEY_ID && rest.length === 0 && given.toString('base64url') === signature;
      if (!isWhole || given.length !== expected.length || !timingSafeEqual(given, expected)) {
        throw new AppError('invalid_cursor', 'The cursor is not one of this list.', {
          errors: [{ field: 'cursor', message: 'is not a cursor of this list' }],
        });
      }
      return Buffer.from(payload ?? '', 'base64url').toString();
    },
  };
}
