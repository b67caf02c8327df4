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

/** The ids of the keys that cursors may be signed with: the first one signs, all of them open. */
export type CursorKeyIds = readonly [string, ...string[]];

/**
 * Opaque cursors, signed for one tenant and list. Each key follows from the pepper and its id, so that another id is another key:
 * the pepper stays, and nothing has to be kept for the keys.
 */
export function makeCursors(pepper: () => Promise<{ pepper: string }>, keyIds: CursorKeyIds): Cursors {
  const [signing] = keyIds;
  const seal = async (keyId: string, tenantId: string, list: string, payload: string): Promise<Buffer> =>
    createHmac('sha256', derive((await pepper()).pepper, `illixis/cursor/${keyId}`))
      .update(`${tenantId}\n${list}\n${payload}`)
      .digest();
  return {
    async sign(tenantId, list, position) {
      if (position === null) return null;
      const payload = Buffer.from(position).toString('base64url');
      return `${signing}.${payload}.${(await seal(signing, tenantId, list, payload)).toString('base64url')}`;
    },
    async open(tenantId, list, cursor) {
      if (cursor === undefined) return null;
      const [keyId, payload, signature, ...rest] = cursor.split('.');
      const given = Buffer.from(signature ?? '', 'base64url');
      const known = keyIds.find((id) => id === keyId);
      // An unknown key costs as much as a known one.
      const expected = await seal(known ?? signing, tenantId, list, payload ?? '');
      const isWhole = known !== undefined && rest.length === 0 && given.toString('base64url') === signature;
      if (!isWhole || given.length !== expected.length || !timingSafeEqual(given, expected)) {
        throw new AppError('invalid_cursor', 'The cursor is not one of this list.', {
          errors: [{ field: 'cursor', message: 'is not a cursor of this list' }],
        });
      }
      return Buffer.from(payload ?? '', 'base64url').toString();
    },
  };
}
