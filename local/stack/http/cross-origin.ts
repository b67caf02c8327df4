import type { IncomingHttpHeaders } from 'node:http';
import { CORS } from '../../../src/contract/cors.ts';
import type { HttpAnswer } from './http-response.ts';

/**
 * A preflight, answered as API Gateway does it when the API has a CORS configuration: on any path, before any route is looked at, and
 * without a header for an origin that is not on the list. Nothing for every other request.
 */
export function answerPreflight(
  origins: readonly string[],
  method: string,
  { origin, ...headers }: IncomingHttpHeaders,
): HttpAnswer | undefined {
  const isPreflight = method === 'OPTIONS' && origin !== undefined && headers['access-control-request-method'] !== undefined;
  if (!isPreflight || origins.length === 0) return undefined;
  const allowed: HttpAnswer['headers'] = {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': CORS.methods.join(','),
    'access-control-allow-headers': CORS.requestHeaders.join(','),
    'access-control-max-age': String(CORS.maxAgeSeconds),
  };
  return { status: 204, headers: origins.includes(origin) ? allowed : {}, body: Buffer.alloc(0) };
}

/** The answer as a script of that origin may see it. What a function itself says of CORS does not count, as on AWS. */
export function withCors(origins: readonly string[], origin: string | undefined, answer: HttpAnswer): HttpAnswer {
  if (origins.length === 0) return answer;
  const own = Object.entries(answer.headers).filter(([name]) => !name.startsWith('access-control-'));
  const seen =
    origin !== undefined && origins.includes(origin)
      ? { 'access-control-allow-origin': origin, 'access-control-expose-headers': CORS.answerHeaders.join(',') }
      : {};
  return { ...answer, headers: { ...Object.fromEntries(own), ...seen } };
}
