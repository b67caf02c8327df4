import { createGuardedServer, listenOnLoopback, type LocalServer } from '../http/local-server.ts';
import { ensureSigningKey, publicJwk } from './signing-key.ts';

/** Whom the local issuer's tokens are meant for. */
export const LOCAL_AUDIENCE = 'email-platform-local';

/**
 * An OIDC issuer without people: it publishes discovery and its key. Whoever may read the state folder signs tokens with
 * that key. With a free port, which is the default, its address changes with every start, and with it older tokens end.
 */
export async function startOidcEndpoint(folder: string, port = 0): Promise<LocalServer> {
  const key = publicJwk(await ensureSigningKey(folder));
  const documents = new Map<string, object>([['/jwks', { keys: [key] }]]);
  const server = createGuardedServer((request, response) => {
    const document = request.method === 'GET' ? documents.get(request.url ?? '') : undefined;
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? { error: `GET ${[...documents.keys()].join(' or ')}` }));
  });
  const bound = await listenOnLoopback(server, port);
  documents.set('/.well-known/openid-configuration', {
    issuer: bound.url,
    jwks_uri: `${bound.url}/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  });
  return bound;
}
