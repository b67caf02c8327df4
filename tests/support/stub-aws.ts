import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import * as z from 'zod';

export interface Stub {
  url: string;
  requests: { headers: IncomingMessage['headers']; body: unknown }[];
  /** What is answered from now on; without it everything is done, and empty. */
  answer: { status: number; type: string; message: string } | undefined;
  close: () => Promise<void>;
}

const message = z.object({ MessageBody: z.string() });
/** SQS says of each message that it took what it took. */
function doneWith(body: unknown): object {
  const sent = message.safeParse(body).data;
  return sent ? { MessageId: 'message-1', MD5OfMessageBody: createHash('md5').update(sent.MessageBody).digest('hex') } : {};
}

/** Answers in the place of the AWS services that speak JSON. */
export async function startStub(): Promise<Stub> {
  const requests: Stub['requests'] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => void parts.push(z.instanceof(Buffer).parse(part)));
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(parts).toString('utf8') || '{}');
      requests.push({ headers: request.headers, body });
      const { status = 200, type, message } = stub.answer ?? {};
      response.writeHead(status, {
        'content-type': 'application/x-amz-json-1.0',
        'x-amzn-requestid': `stub-${String(requests.length)}`,
      });
      response.end(JSON.stringify(type === undefined ? doneWith(body) : { __type: type, message }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const stub: Stub = {
    url: `http://127.0.0.1:${String(port)}`,
    requests,
    answer: undefined,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return stub;
}
