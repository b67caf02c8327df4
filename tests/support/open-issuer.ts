import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { openStub, type Stub } from './stub-server.ts';

type Json = Readonly<Record<string, unknown>>;
interface Pair {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

const encoded = (part: Json): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A token of any kind, right or wrong. */
export function makeToken(header: Json, claims: Json, signed: (input: string) => Buffer): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  return `${input}.${signed(input).toString('base64url')}`;
}

export const rsaPair = (): Pair => generateKeyPairSync('rsa', { modulusLength: 2048 });
const ecPair = (): Pair => generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const byRsa = (key: KeyObject) => (input: string) => sign('sha256', Buffer.from(input), key);
export const byEc = (key: KeyObject) => (input: string) => sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
export const byHmac = (secret: string | Buffer) => (input: string) => createHmac('sha256', secret).update(input).digest();

export const asJwk = (key: KeyObject, kid: string, alg: string) => ({ ...key.export({ format: 'jwk' }), kid, alg, use: 'sig' });

/** Made once: an RSA key takes a while. */
const [rsa, ec] = [rsaPair(), ecPair()];

/** An OIDC issuer on a free port: discovery, and an RSA and an EC key, `rsa-1` and `ec-1`. */
export async function openIssuer(): Promise<Issuer> {
  const stub = await openStub();
  const keys: Json[] = [asJwk(rsa.publicKey, 'rsa-1', 'RS256'), asJwk(ec.publicKey, 'ec-1', 'ES256')];
  stub.answer = ({ path }) => {
    if (path === '/.well-known/openid-configuration')
      return { status: 200, json: { issuer: stub.url, jwks_uri: `${stub.url}/keys` } };
    return path === '/keys' ? { status: 200, json: { keys } } : { status: 404 };
  };
  return { stub, url: stub.url, keys, rsa, ec, close: () => stub.close() };
}

export interface Issuer {
  stub: Stub;
  url: string;
  /** What it publishes; may be changed. */
  keys: Json[];
  rsa: Pair;
  ec: Pair;
  close(): Promise<void>;
}
