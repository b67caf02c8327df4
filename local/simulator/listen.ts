import type { Server } from 'node:http';

/** The port is taken. The message is one line a person can act on. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
  readonly code = 'EADDRINUSE';

  constructor(host: string, port: number) {
    super(`Port ${port} on ${host} is already in use (EADDRINUSE): stop what runs there, or choose another port.`);
  }
}

/**
 * Binds a server and returns its port.
 * @throws PortInUseError when somebody else has the port
 */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject('code' in error && error.code === 'EADDRINUSE' ? new PortInUseError(host, port) : error),
    );
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
