import type { Fetcher } from 'aws-jwt-verify/https';
import { assertIsJwks } from 'aws-jwt-verify/jwk';
import { safeJsonParse } from 'aws-jwt-verify/safe-json-parse';
import * as z from 'zod';
import { AppError } from '../../src/core/shared/app-error.ts';
import { SECOND, type Clock } from '../../src/core/shared/clock.ts';

const TIMEOUT_MS = 3 * SECOND;
/** An issuer that does not answer is not asked again at once: callers would only queue up behind the time-out. */
const PAUSE_MS = 5 * SECOND;
/** Both documents are a few kilobytes at every issuer we know. */
const MAX_BYTES = 256 * 1024;
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.string() });

const isLoopback = (url: string): boolean => URL.canParse(url) && LOOPBACK.includes(new URL(url).hostname);

const parse = (bytes: ArrayBuffer) => safeJsonParse(new TextDecoder().decode(bytes));

const unavailable = (): AppError =>
  new AppError('service_unavailable', 'People cannot be recognised at the moment.', {
    reason: 'The keys of the issuer of tokens could not be read.',
    retryAfterSeconds: PAUSE_MS / SECOND,
  });

/**
 * Reads the keys (JWKS) of an OIDC issuer, whose address is given, or found by discovery and remembered until it fails. One or two
 * calls of at most 3 s each; after a failure none for 5 s.
 * https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation
 * @throws AppError `service_unavailable`
 */
export function issuerKeys(clock: Clock, issuer: string, jwksUrl: string | undefined): Fetcher {
  let keysAt = jwksUrl;
  let pausedUntil = 0;
  /** Anybody on the way could replace what comes without TLS; to a local issuer on the same machine there is no way. */
  const assertSafe = (url: string): void => {
    if (!(url.startsWith('https://') || (isLoopback(issuer) && isLoopback(url)))) throw new Error('An address without TLS.');
  };
  const discover = async (): Promise<string> => {
    assertSafe(issuer);
    const document = discoverySchema.parse(
      parse(await download(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)),
    );
    // Compared to the letter: else one issuer could speak for another.
    if (document.issuer !== issuer) throw new Error('The document is of another issuer.');
    return document.jwks_uri;
  };
  return {
    fetch: async () => {
      if (clock.now() < pausedUntil) throw unavailable();
      try {
        const url = keysAt ?? (await discover());
        assertSafe(url);
        const keys = await download(url);
        assertIsJwks(parse(keys));
        keysAt = url;
        return keys;
      } catch {
        keysAt = jwksUrl;
        pausedUntil = clock.now() + PAUSE_MS;
        throw unavailable();
      }
    },
  };
}

/** Follows no redirect: it could lead to an address without TLS. */
async function download(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 200 || !response.body) throw new Error('The issuer did not answer 200.');
  let size = 0;
  const capped = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      size += chunk.byteLength;
      if (size > MAX_BYTES) throw new Error('The answer of the issuer is too large.');
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(capped)).arrayBuffer();
}
