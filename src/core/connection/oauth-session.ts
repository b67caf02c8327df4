import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { MINUTE } from '../shared/clock.ts';
import { platformIdSchema } from '../shared/platform-id.ts';

export const SESSION_LIFETIME_MS = 10 * MINUTE;

/**
 * One walk through the consent. `begun` waits for the callback, `exchanging` has used its code, `authorized` holds
 * the sealed token until the tenant that began comes back with the ticket that only the consenting browser received.
 */
export const oauthSessionSchema = z.object({
  stateHash: z.string(),
  tenantId: z.string(),
  platform: platformIdSchema,
  returnUrl: z.string(),
  phase: z.enum(['begun', 'exchanging', 'authorized']),
  ticketHash: z.string().nullable(),
  sealedToken: z.string().nullable(),
  /** What proves to the vendor that the code comes back to whom it was asked for (RFC 7636); `null` without PKCE. */
  codeVerifier: z.string().nullable().default(null),
  /** Milliseconds since the epoch. */
  expiresAtMs: z.number().int(),
});
export type OAuthSession = z.infer<typeof oauthSessionSchema>;

export interface OAuthSessionStore {
  begin(session: OAuthSession): Promise<void>;
  /** Takes a session from `begun` to `exchanging`, once. @returns `undefined` when it is unknown, expired or used */
  consumeState(stateHash: string, platform: string, now: number): Promise<OAuthSession | undefined>;
  authorize(stateHash: string, ticketHash: string, sealedToken: string): Promise<void>;
  /** Removes an authorized session if tenant, platform and ticket match and it is not expired. @returns it, once */
  take(request: {
    stateHash: string;
    ticketHash: string;
    tenantId: string;
    platform: string;
    now: number;
  }): Promise<OAuthSession | undefined>;
}

/** The method `S256` of RFC 7636. */
export const codeChallengeOf = (codeVerifier: string): string =>
  createHash('sha256').update(codeVerifier, 'ascii').digest('base64url');

const keyOf = (ticket: string): Buffer => Buffer.from(hkdfSync('sha256', ticket, '', 'illixis/oauth-ticket/v1', 32));

/** AES-256-GCM under a key that only the holder of the ticket can derive. Layout: nonce, tag, ciphertext; base64. */
export function sealToken(token: string, ticket: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(ticket), nonce);
  const sealed = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** @throws when the ticket is another one or the bytes were altered */
export function openToken(sealed: string, ticket: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(ticket), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
}
