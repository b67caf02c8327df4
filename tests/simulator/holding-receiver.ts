import { createServer, type ServerResponse } from 'node:http';

export interface HoldingReceiver {
  readonly url: string;
  /** How many requests wait for an answer. */
  held(): number;
  /** Answers all that wait, and from now on everything at once. */
  release(): void;
  close(): Promise<void>;
}

/** A receiver that lets its callers wait until it is told to answer, or for so long. */
export async function openHoldingReceiver(answerAfterMs = Infinity): Promise<HoldingReceiver> {
  const waiting = new Set<ServerResponse>();
  let isHolding = true;
  const server = createServer((request, response) => {
    request.resume();
    if (!isHolding) {
      response.end();
      return;
    }
    waiting.add(response);
    if (answerAfterMs !== Infinity) setTimeout(() => response.end(), answerAfterMs);
    response.on('close', () => waiting.delete(response));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    held: () => waiting.size,
    release: () => {
      isHolding = false;
      for (const response of waiting) response.end();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
