import { createHash, createPrivateKey, createPublicKey, generateKeyPair, sign, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeAtomically } from '../state/write-atomically.ts';

const FILE = 'signing-key.pem';
const RSA_BITS = 2048;

/** The key of the local issuer, made at the first start in a file that only its owner may read. */
export async function ensureSigningKey(folder: string): Promise<KeyObject> {
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (existsSync(join(folder, FILE))) return readSigningKey(folder);
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS });
  writeAtomically(join(folder, FILE), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return privateKey;
}

/** @throws when the stack of this folder was never started */
export const readSigningKey = (folder: string): KeyObject => createPrivateKey(readFileSync(join(folder, FILE), 'utf8'));

/** The public half, as issuers publish it. */
export function publicJwk(key: KeyObject): Readonly<Record<string, unknown>> {
  const jwk = createPublicKey(key).export({ format: 'jwk' });
  const kid = createHash('sha256')
    .update(jwk.n ?? '')
    .digest('hex')
    .slice(0, 16);
  return { ...jwk, kid, alg: 'RS256', use: 'sig' };
}

/** A token (JWT) of these claims. */
export function signToken(key: KeyObject, claims: Readonly<Record<string, unknown>>): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part({ alg: 'RS256', kid: publicJwk(key)['kid'], typ: 'JWT' })}.${part(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}
