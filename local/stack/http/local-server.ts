import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';

export const LOOPBACK = '127.0.0.1';

export interface LocalServer {
  url: string;
  port: number;
  close: () => Promise<void>;
}

/** Raised when a port is taken; the starter turns it into one line. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
  readonly port: number;
  constructor(port: number) {
    super(`Port ${port} is in use.`);
    this.port = port;
  }
}

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Binds `server` to the loopback interface; port 0 takes a free one. */
export async function listenOnLoopback(server: Server, port = 0): Promise<LocalServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(['EADDRINUSE', 'EACCES'].includes(errorCode(error)) ? new PortInUseError(port) : error);
    });
    server.listen(port, LOOPBACK, resolve);
  });
  // A connection that breaks before its request is complete is the client's business.
  server.on('clientError', (_error, socket) => socket.destroy());
  // Longer than clients keep idle connections, so that none is closed just as they reuse it.
  server.keepAliveTimeout = 75_000;
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${LOOPBACK}:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const LOCAL_NAMES = new Set([LOOPBACK, 'localhost', '[::1]']);

/**
 * Whether a program of this machine asks. A browser that was lured here sends `Origin`, or, by DNS rebinding, a foreign
 * `Host`; these endpoints hold keys and personal data and ask for no credential.
 */
export function isLocalProgram(request: IncomingMessage): boolean {
  if (request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined) return false;
  const host = request.headers.host;
  return host !== undefined && LOCAL_NAMES.has(host.replace(/:\d+$/, ''));
}

/** A server that answers only local programs. */
export function createGuardedServer(listener: RequestListener): Server {
  return createServer((request, response) => {
    if (isLocalProgram(request)) {
      listener(request, response);
    } else {
      response.writeHead(403, { 'content-type': 'text/plain' }).end('Only programs of this machine may call this endpoint.\n');
    }
  });
}

/** Raised when a body exceeds what the caller is willing to hold. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/** Reads a whole body. @throws BodyTooLargeError beyond `limit` bytes; any other error means the client went away. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  let tooLarge = false;
  // The rest of an oversized body is read and dropped: a client that is still writing would not see the answer.
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    tooLarge ||= size > limit;
    if (!tooLarge) chunks.push(chunk);
    else chunks.length = 0;
    if (size > limit * 4) break;
  }
  if (tooLarge) throw new BodyTooLargeError();
  return Buffer.concat(chunks);
}
