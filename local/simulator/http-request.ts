import type { IncomingMessage } from 'node:http';
import { ApiProblem } from './problem.ts';

const MAX_BODY = 20 * 1024 * 1024;

/** A request that was read to its end. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  header(name: string): string | undefined;
}

/** @throws ApiProblem 413 for a body nobody would send on purpose */
export async function readRequest(request: IncomingMessage): Promise<HttpRequest> {
  const url = new URL(`http://simulator${request.url?.startsWith('/') === true ? request.url : '/'}`);
  const chunks: Buffer[] = [];
  let size = 0;
  const stream: AsyncIterable<unknown> = request;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size > MAX_BODY) throw new ApiProblem(413, 'Request Entity Too Large', 'The body is too large.');
    chunks.push(bytes);
  }
  const { headers } = request;
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    body: Buffer.concat(chunks).toString('utf8'),
    header: (name) => {
      const value = headers[name.toLowerCase()];
      return Array.isArray(value) ? value[0] : value;
    },
  };
}
