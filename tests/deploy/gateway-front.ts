import { createServer, request as requestOf, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnLoopback, type LocalServer } from '../../local/stack/http/local-server.ts';

/**
 * The host name of the deployment, as a custom domain gives it one: the emulator tells APIs apart by a host that this
 * machine's resolver does not know.
 */
export function startGatewayFront(port: number, endpoint: string, apiId: string): Promise<LocalServer> {
  const { hostname, port: gatewayPort, host } = new URL(endpoint);
  const name = `${apiId}.execute-api.${host.replace(hostname, 'localhost')}`;
  const server = createServer((request, response) => {
    const { method, url: path, headers } = request;
    const forwarded = requestOf({ hostname, port: gatewayPort, method, path, headers: { ...headers, host: name } }, (answer) =>
      pass(answer, response),
    );
    forwarded.once('error', () => response.destroy());
    request.once('error', () => forwarded.destroy());
    request.pipe(forwarded);
  });
  return listenOnLoopback(server, port);
}

function pass(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
  answer.pipe(response);
}
