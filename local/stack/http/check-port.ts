import { createServer } from 'node:http';
import { listenOnLoopback } from './local-server.ts';

/** @throws PortInUseError when something else listens on `port` already. */
export async function checkPort(port: number): Promise<void> {
  if (port === 0) return;
  const probe = await listenOnLoopback(createServer(), port);
  await probe.close();
}
