import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came, which is what a signature covers. */
  readonly raw: Buffer;
  readonly form: URLSearchParams;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** The deliveries, without the validation calls. */
  posts(): Received[];
  /** What to answer from now on: a status, by method if need be, and when it is there. */
  answer: (request: Received) => number | Promise<number>;
  /** Whether it leaves callers without an answer. */
  stall: boolean;
  close(): Promise<void>;
}

/** A receiver of webhooks that notes everything. */
export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const entry = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        raw,
        form: new URLSearchParams(raw.toString('utf8')),
      };
      received.push(entry);
      if (receiver.stall) return;
      void Promise.resolve(receiver.answer(entry)).then((status) => {
        response.statusCode = status;
        response.end();
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // A test that fails before its own closing must not keep the run from ending.
  server.unref();
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}`,
    received,
    posts: () => received.filter((entry) => entry.method === 'POST'),
    answer: () => 200,
    stall: false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
