import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StubRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

/** An answer; `hang` never comes, `cut` closes the connection. */
export type StubAnswer = 'hang' | 'cut' | { status: number; json?: unknown; text?: string; headers?: Record<string, string> };

export interface Stub {
  url: string;
  readonly requests: StubRequest[];
  /** The most requests that were open at once. */
  mostInFlight(): number;
  answer: (request: StubRequest) => StubAnswer | Promise<StubAnswer>;
  close(): Promise<void>;
}

const isAddress = (address: AddressInfo | string | null): address is AddressInfo =>
  typeof address === 'object' && address !== null;

/** A server on a free port of this machine that answers as a test says, and remembers what it was asked. */
export async function openStub(answer: Stub['answer'] = () => ({ status: 200, json: {} })): Promise<Stub> {
  const requests: StubRequest[] = [];
  let inFlight = 0;
  let most = 0;
  const server = createServer((request, response) => {
    most = Math.max(most, ++inFlight);
    response.once('close', () => inFlight--);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://stub');
      const { method = '', headers } = request;
      const asked = { method, path: url.pathname, query: url.searchParams, headers, body: Buffer.concat(chunks).toString() };
      requests.push(asked);
      void Promise.resolve(stub.answer(asked)).then((told) => {
        if (told === 'hang') return;
        if (told === 'cut') return void request.socket.destroy();
        const body = told.json === undefined ? (told.text ?? '') : JSON.stringify(told.json);
        const type = told.json === undefined ? 'text/html' : 'application/json';
        response.writeHead(told.status, { 'content-type': type, ...told.headers }).end(body);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (!isAddress(address)) throw new Error('The stub has no port.');
  const stub: Stub = {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    mostInFlight: () => most,
    answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return stub;
}
